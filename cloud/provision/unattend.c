/*
 * unattend.c: Autounattend.xml and what goes with it; see unattend.h. Element names, passes and
 * components are of Microsoft's unattend schema; tests/provision holds the result against its
 * rules.
 */
#include "provision/unattend.h"

#include "base/memory.h"
#include "crypto/master_key.h"

#include <string.h>

#define COMPONENT                                                                                  \
    "  <component name=\"%s\" processorArchitecture=\"amd64\" "                                    \
    "publicKeyToken=\"31bf3856ad364e35\" language=\"neutral\" versionScope=\"nonSxS\">\n"

static void
add_escaped(Buffer *xml, const char *text)
{
    for (; *text; text++)
        if (strchr("<>&\"", *text))
            buffer_format(xml, "&#%d;", *text);
        else
            buffer_add(xml, text, 1);
}

static void
open_pass(Buffer *xml, const char *name)
{
    buffer_format(xml, " <settings pass=\"%s\">\n", name);
}

static void
add_language(Buffer *xml, const char *component, const char *language, bool setup)
{
    buffer_format(xml, COMPONENT, component);
    if (setup)
        buffer_format(xml, "   <SetupUILanguage><UILanguage>%s</UILanguage></SetupUILanguage>\n",
                      language);
    buffer_format(xml,
                  "   <InputLocale>%s</InputLocale>\n   <SystemLocale>%s</SystemLocale>\n   "
                  "<UILanguage>%s</UILanguage>\n   <UserLocale>%s</UserLocale>\n  </component>\n",
                  language, language, language, language);
}

/* Which letter the disc has is not known before; those that are no disc are passed over. */
static void
add_driver_paths(Buffer *xml)
{
    buffer_format(xml, COMPONENT "   <DriverPaths>\n", "Microsoft-Windows-PnpCustomizationsWinPE");
    for (int i = 0; i < 4; i++)
        buffer_format(xml,
                      "    <PathAndCredentials wcm:action=\"add\" wcm:keyValue=\"%d\">"
                      "<Path>%c:\\$WinPEDriver$</Path></PathAndCredentials>\n",
                      i + 1, 'D' + i);
    buffer_add_text(xml, "   </DriverPaths>\n  </component>\n");
}

/* EFI system, reserved, and the rest for Windows. */
static void
add_disk(Buffer *xml)
{
    buffer_add_text(
        xml,
        "   <DiskConfiguration>\n    <WillShowUI>OnError</WillShowUI>\n    <Disk "
        "wcm:action=\"add\">\n     <DiskID>0</DiskID>\n     <WillWipeDisk>true</WillWipeDisk>\n"
        "     <CreatePartitions>\n      <CreatePartition wcm:action=\"add\"><Order>1</Order>"
        "<Type>EFI</Type><Size>200</Size></CreatePartition>\n      <CreatePartition "
        "wcm:action=\"add\"><Order>2</Order><Type>MSR</Type><Size>16</Size></CreatePartition>\n"
        "      <CreatePartition wcm:action=\"add\"><Order>3</Order><Type>Primary</Type>"
        "<Extend>true</Extend></CreatePartition>\n     </CreatePartitions>\n     "
        "<ModifyPartitions>\n      <ModifyPartition wcm:action=\"add\"><Order>1</Order>"
        "<PartitionID>1</PartitionID><Format>FAT32</Format><Label>System</Label>"
        "</ModifyPartition>\n      <ModifyPartition wcm:action=\"add\"><Order>2</Order>"
        "<PartitionID>3</PartitionID><Format>NTFS</Format><Label>Windows</Label>"
        "<Letter>C</Letter></ModifyPartition>\n     </ModifyPartitions>\n    </Disk>\n   "
        "</DiskConfiguration>\n");
}

static void
add_setup(Buffer *xml, const UnattendWish *wish)
{
    buffer_format(xml, COMPONENT, "Microsoft-Windows-Setup");
    add_disk(xml);
    buffer_add_text(xml, "   <ImageInstall>\n    <OSImage>\n     <InstallFrom><MetaData "
                         "wcm:action=\"add\"><Key>/IMAGE/NAME</Key><Value>");
    add_escaped(xml, wish->image);
    buffer_add_text(xml, "</Value></MetaData></InstallFrom>\n     <InstallTo><DiskID>0</DiskID>"
                         "<PartitionID>3</PartitionID></InstallTo>\n     "
                         "<WillShowUI>OnError</WillShowUI>\n    </OSImage>\n   </ImageInstall>\n"
                         "   <UserData>\n    <AcceptEula>true</AcceptEula>\n    "
                         "<FullName>Administrator</FullName>\n    "
                         "<Organization>Casement</Organization>\n");
    if (wish->product_key) {
        buffer_add_text(xml, "    <ProductKey><Key>");
        add_escaped(xml, wish->product_key);
        buffer_add_text(xml, "</Key><WillShowUI>OnError</WillShowUI></ProductKey>\n");
    }
    buffer_add_text(xml, "   </UserData>\n  </component>\n");
}

/* Remote desktop is on, its port open; new disks come up writable. */
static void
add_specialize(Buffer *xml)
{
    buffer_format(xml,
                  COMPONENT "   <ComputerName>*</ComputerName>\n   <TimeZone>UTC</TimeZone>\n"
                            "  </component>\n",
                  "Microsoft-Windows-Shell-Setup");
    buffer_format(xml,
                  COMPONENT "   <fDenyTSConnections>false</fDenyTSConnections>\n"
                            "  </component>\n",
                  "Microsoft-Windows-TerminalServices-LocalSessionManager");
    buffer_format(xml,
                  COMPONENT
                  "   <FirewallGroups>\n    <FirewallGroup wcm:action=\"add\" "
                  "wcm:keyValue=\"RemoteDesktop\"><Active>true</Active><Group>"
                  "@FirewallAPI.dll,-28752</Group><Profile>all</Profile></FirewallGroup>\n"
                  "   </FirewallGroups>\n  </component>\n",
                  "Networking-MPSSVC-Svc");
    buffer_format(xml, COMPONENT "   <SanPolicy>1</SanPolicy>\n  </component>\n",
                  "Microsoft-Windows-PartitionManager");
}

/* As Windows hides it: the password and its element's name, in UTF-16, base64. */
static void
add_password(Buffer *xml, const char *password, const char *element)
{
    AUTO_WIPE char *text = str_format("%s%s", password, element);
    size_t length = strlen(text);
    unsigned char *wide = mem_new(length, 2);

    for (size_t i = 0; i < length; i++)
        wide[2 * i] = (unsigned char) text[i];
    AUTO_WIPE char *hidden = base64_text(wide, 2 * length);
    buffer_format(xml, "<%s><Value>%s</Value><PlainText>false</PlainText></%s>", element, hidden,
                  element);
    free(wide);
}

static void
add_first_logon(Buffer *xml, const UnattendWish *wish)
{
    buffer_format(xml, COMPONENT "   <AutoLogon>\n    ", "Microsoft-Windows-Shell-Setup");
    add_password(xml, wish->password, "Password");
    buffer_add_text(
        xml, "\n    <Enabled>true</Enabled>\n    <LogonCount>1</LogonCount>\n    "
             "<Username>Administrator</Username>\n   </AutoLogon>\n   <FirstLogonCommands>\n    "
             "<SynchronousCommand wcm:action=\"add\"><Order>1</Order><CommandLine>"
             "cmd.exe /c for %d in (D E F G H) do @if exist %d:\\casement\\setup.cmd call "
             "%d:\\casement\\setup.cmd %d:</CommandLine><Description>Drivers, agents, seal"
             "</Description></SynchronousCommand>\n   </FirstLogonCommands>\n   <OOBE>\n    "
             "<HideEULAPage>true</HideEULAPage>\n    <HideLocalAccountScreen>true"
             "</HideLocalAccountScreen>\n    <HideOnlineAccountScreens>true"
             "</HideOnlineAccountScreens>\n    <HideWirelessSetupInOOBE>true"
             "</HideWirelessSetupInOOBE>\n    <ProtectYourPC>3</ProtectYourPC>\n   </OOBE>\n   "
             "<UserAccounts>");
    add_password(xml, wish->password, "AdministratorPassword");
    buffer_add_text(xml, "</UserAccounts>\n  </component>\n");
}

static void
begin(Buffer *xml)
{
    buffer_add_text(xml, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<unattend "
                         "xmlns=\"urn:schemas-microsoft-com:unattend\" "
                         "xmlns:wcm=\"http://schemas.microsoft.com/WMIConfig/2002/State\">\n");
}

char *
unattend_xml(const UnattendWish *wish)
{
    Buffer xml = {0};

    begin(&xml);
    open_pass(&xml, "windowsPE");
    add_language(&xml, "Microsoft-Windows-International-Core-WinPE", wish->language, true);
    if (wish->drivers)
        add_driver_paths(&xml);
    add_setup(&xml, wish);
    buffer_add_text(&xml, " </settings>\n");
    open_pass(&xml, "specialize");
    add_specialize(&xml);
    buffer_add_text(&xml, " </settings>\n");
    open_pass(&xml, "oobeSystem");
    add_language(&xml, "Microsoft-Windows-International-Core", wish->language, false);
    add_first_logon(&xml, wish);
    buffer_add_text(&xml, " </settings>\n</unattend>\n");
    return xml.text;
}

char *
unattend_sealed_xml(const char *language)
{
    Buffer xml = {0};

    begin(&xml);
    /* Drivers of the hardware, which is the same for every server, stay. */
    open_pass(&xml, "generalize");
    buffer_format(&xml,
                  COMPONENT
                  "   <PersistAllDeviceInstalls>true</PersistAllDeviceInstalls>\n  </component>\n",
                  "Microsoft-Windows-PnpSysprep");
    buffer_add_text(&xml, " </settings>\n");
    open_pass(&xml, "specialize");
    add_specialize(&xml);
    buffer_add_text(&xml, " </settings>\n");
    open_pass(&xml, "oobeSystem");
    add_language(&xml, "Microsoft-Windows-International-Core", language, false);
    buffer_format(&xml,
                  COMPONENT "   <OOBE>\n    <HideEULAPage>true</HideEULAPage>\n    "
                            "<HideLocalAccountScreen>true</HideLocalAccountScreen>\n    "
                            "<HideOnlineAccountScreens>true</HideOnlineAccountScreens>\n    "
                            "<ProtectYourPC>3</ProtectYourPC>\n   </OOBE>\n  </component>\n",
                  "Microsoft-Windows-Shell-Setup");
    buffer_add_text(&xml, " </settings>\n</unattend>\n");
    return xml.text;
}

/* %1 is the disc's letter and colon. COM1 is the guest's console.log on the host. */
char *
unattend_script(bool cloudbase_init, bool guest_agent)
{
    Buffer text = {0};

    buffer_add_text(&text, "@echo off\r\nset DISC=%1\r\necho casement: first logon > COM1\r\n"
                           "for /r %DISC%\\$WinPEDriver$ %%i in (*.inf) do pnputil /add-driver "
                           "\"%%i\" /install\r\necho casement: drivers done > COM1\r\n");
    if (guest_agent)
        buffer_add_text(&text, "msiexec /i %DISC%\\casement\\guest-agent.msi /qn /norestart\r\n"
                               "if errorlevel 1 if not errorlevel 3010 goto failed_agent\r\n"
                               "echo casement: guest agent done > COM1\r\n");
    if (cloudbase_init)
        buffer_add_text(&text,
                        "set BASE=%ProgramFiles%\\Cloudbase Solutions\\Cloudbase-Init\r\n"
                        "msiexec /i %DISC%\\casement\\cloudbase-init.msi /qn /norestart "
                        "LOGGINGSERIALPORTNAME=COM1\r\nif errorlevel 1 if not errorlevel 3010 goto "
                        "failed_cloudbase\r\ncopy /y %DISC%\\casement\\cloudbase-init.conf "
                        "\"%BASE%\\conf\\cloudbase-init.conf\"\r\ncopy /y "
                        "%DISC%\\casement\\cloudbase-init.conf "
                        "\"%BASE%\\conf\\cloudbase-init-unattend.conf\"\r\n"
                        "echo casement: Cloudbase-Init done > COM1\r\n");
    buffer_add_text(&text, "copy /y %DISC%\\casement\\unattend.xml %SystemRoot%\\casement.xml\r\n"
                           "powercfg /h off\r\necho casement: sealing > COM1\r\n");
    /* Cloudbase-Init brings answers that start it in the specialize pass. */
    buffer_format(
        &text,
        "%%SystemRoot%%\\System32\\Sysprep\\sysprep.exe /generalize /oobe /quit "
        "/unattend:%s\r\nreg query "
        "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State /v ImageState | "
        "find \"IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE\" || goto failed_sysprep\r\n"
        "echo casement: sealed > COM1\r\nshutdown /s /t 5\r\nexit /b 0\r\n",
        cloudbase_init ? "\"%BASE%\\conf\\Unattend.xml\"" : "%SystemRoot%\\casement.xml");
    buffer_add_text(&text, ":failed_agent\r\necho casement: failed: the guest agent > COM1\r\n"
                           "goto end\r\n:failed_cloudbase\r\necho casement: failed: "
                           "Cloudbase-Init > COM1\r\ngoto end\r\n:failed_sysprep\r\necho casement: "
                           "failed: sysprep > COM1\r\n:end\r\nshutdown /s /t 5\r\nexit /b 1\r\n");
    return text.text;
}

/* HTTP first: only there can a password be posted. The drive serves networks without DHCP. */
const char *
unattend_cloudbase_settings(void)
{
    return "[DEFAULT]\r\nusername=Administrator\r\ngroups=Administrators\r\n"
           "inject_user_password=true\r\nfirst_logon_behaviour=no\r\n"
           "config_drive_raw_hhd=true\r\nconfig_drive_cdrom=true\r\nconfig_drive_vfat=true\r\n"
           "metadata_services=cloudbaseinit.metadata.services.httpservice.HttpService,"
           "cloudbaseinit.metadata.services.configdrive.ConfigDriveService\r\n"
           "plugins=cloudbaseinit.plugins.common.mtu.MTUPlugin,"
           "cloudbaseinit.plugins.common.sethostname.SetHostNamePlugin,"
           "cloudbaseinit.plugins.windows.createuser.CreateUserPlugin,"
           "cloudbaseinit.plugins.common.networkconfig.NetworkConfigPlugin,"
           "cloudbaseinit.plugins.windows.licensing.WindowsLicensingPlugin,"
           "cloudbaseinit.plugins.common.sshpublickeys.SetUserSSHPublicKeysPlugin,"
           "cloudbaseinit.plugins.common.setuserpassword.SetUserPasswordPlugin,"
           "cloudbaseinit.plugins.windows.extendvolumes.ExtendVolumesPlugin,"
           "cloudbaseinit.plugins.common.userdata.UserDataPlugin,"
           "cloudbaseinit.plugins.common.localscripts.LocalScriptsPlugin\r\n"
           "allow_reboot=false\r\nstop_service_on_exit=false\r\ncheck_latest_version=false\r\n"
           "logging_serial_port_settings=COM1,115200,N,8\r\n";
}
