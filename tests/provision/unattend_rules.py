"""The rules of Microsoft's unattend schema as far as our answers use it, written from its reference: which
component may stand in which pass, which settings a component has, what they hold. check(text) raises
AssertionError with the first rule that is broken."""
import base64
import re
import xml.etree.ElementTree as tree

SPACE = "{urn:schemas-microsoft-com:unattend}"
WCM = "{http://schemas.microsoft.com/WMIConfig/2002/State}"
PASSES = ["windowsPE", "offlineServicing", "generalize", "specialize", "auditSystem", "auditUser", "oobeSystem"]

BOOL = re.compile("true|false").fullmatch
NUMBER = re.compile("[0-9]{1,9}").fullmatch
TEXT = re.compile(r"(?s).{1,1024}").fullmatch
LOCALE = re.compile("[a-z]{2}-[A-Z]{2}").fullmatch
SHOW = re.compile("Always|Never|OnError").fullmatch
LOCALES = {"InputLocale": LOCALE, "SystemLocale": LOCALE, "UILanguage": LOCALE, "UserLocale": LOCALE}
PASSWORD = {"Value": TEXT, "PlainText": BOOL}
NETWORK_POLICY = {"FirewallGroups": [{"FirewallGroup": {
    "Active": BOOL, "Group": TEXT, "Profile": re.compile("all|domain|private|public").fullmatch}}]}

# component: (passes, settings). A list holds repeated elements, each with wcm:action="add".
COMPONENTS = {
    "Microsoft-Windows-International-Core-WinPE": (
        {"windowsPE"}, {**LOCALES, "SetupUILanguage": {"UILanguage": LOCALE}}),
    "Microsoft-Windows-International-Core": ({"specialize", "oobeSystem"}, LOCALES),
    "Microsoft-Windows-PnpCustomizationsWinPE": (
        {"windowsPE"}, {"DriverPaths": [{"PathAndCredentials": {"Path": TEXT}}]}),
    "Microsoft-Windows-PnpSysprep": (
        {"generalize"}, {"PersistAllDeviceInstalls": BOOL, "DoNotCleanUpNonPresentDevices": BOOL}),
    "Microsoft-Windows-PartitionManager": (
        {"windowsPE", "offlineServicing", "generalize", "specialize"},
        {"SanPolicy": re.compile("[1-4]").fullmatch}),
    "Microsoft-Windows-TerminalServices-LocalSessionManager": (
        {"offlineServicing", "generalize", "specialize"}, {"fDenyTSConnections": BOOL}),
    "Networking-MPSSVC-Svc": ({"offlineServicing", "generalize", "specialize"}, NETWORK_POLICY),
    "Microsoft-Windows-Setup": ({"windowsPE"}, {
        "DiskConfiguration": {"WillShowUI": SHOW, "Disk": [{None: {
            "DiskID": NUMBER, "WillWipeDisk": BOOL,
            "CreatePartitions": [{"CreatePartition": {
                "Order": NUMBER, "Type": re.compile("EFI|MSR|Primary|Extended|Logical").fullmatch,
                "Size": NUMBER, "Extend": BOOL}}],
            "ModifyPartitions": [{"ModifyPartition": {
                "Order": NUMBER, "PartitionID": NUMBER, "Format": re.compile("NTFS|FAT32").fullmatch,
                "Label": re.compile(".{1,32}").fullmatch, "Letter": re.compile("[C-Z]").fullmatch,
                "Active": BOOL, "Extend": BOOL}}]}}]},
        "ImageInstall": {"OSImage": {
            "InstallFrom": {"MetaData": {"Key": re.compile("/IMAGE/(INDEX|NAME|DESCRIPTION)").fullmatch, "Value": TEXT}},
            "InstallTo": {"DiskID": NUMBER, "PartitionID": NUMBER}, "WillShowUI": SHOW}},
        "UserData": {"AcceptEula": BOOL, "FullName": TEXT, "Organization": TEXT,
                     "ProductKey": {"Key": re.compile("([A-Z0-9]{5}-){4}[A-Z0-9]{5}").fullmatch, "WillShowUI": SHOW}}}),
    "Microsoft-Windows-Shell-Setup": (
        {"offlineServicing", "generalize", "specialize", "auditSystem", "auditUser", "oobeSystem"}, {
            "ComputerName": re.compile(r"\*|[A-Za-z0-9-]{1,15}").fullmatch, "TimeZone": TEXT,
            "AutoLogon": {"Password": PASSWORD, "Enabled": BOOL, "LogonCount": NUMBER, "Username": TEXT},
            "FirstLogonCommands": [{"SynchronousCommand": {
                "Order": NUMBER, "CommandLine": TEXT, "Description": re.compile(".{1,256}").fullmatch}}],
            "OOBE": {"HideEULAPage": BOOL, "HideLocalAccountScreen": BOOL, "HideOnlineAccountScreens": BOOL,
                     "HideWirelessSetupInOOBE": BOOL, "ProtectYourPC": re.compile("[123]").fullmatch},
            "UserAccounts": {"AdministratorPassword": PASSWORD}}),
}
# Settings that a component has in these passes only.
ONLY = {("Microsoft-Windows-Shell-Setup", "ComputerName"): {"offlineServicing", "specialize"},
        ("Microsoft-Windows-Shell-Setup", "FirstLogonCommands"): {"oobeSystem"},
        ("Microsoft-Windows-Shell-Setup", "OOBE"): {"oobeSystem"},
        ("Microsoft-Windows-Shell-Setup", "AutoLogon"): {"specialize", "auditSystem", "auditUser", "oobeSystem"},
        ("Microsoft-Windows-Shell-Setup", "UserAccounts"): {"auditSystem", "auditUser", "oobeSystem"}}


def fail(what):
    raise AssertionError(what)


def name_of(element):
    if not element.tag.startswith(SPACE):
        fail(f"{element.tag} is not of the unattend name space")
    return element.tag[len(SPACE):]


def check_list(element, rule, path):
    """Repeated elements: all of one name, added, their order 1, 2, 3 ..."""
    (name, inner), = rule[0].items()
    orders = []
    for child in element:
        if name_of(child) != name:
            fail(f"{path} holds {name_of(child)}, only {name} may be there")
        if child.get(WCM + "action") != "add":
            fail(f"{path}/{name} without wcm:action")
        check_value(child, inner, f"{path}/{name}")
        order = child.find(SPACE + "Order")
        if order is not None:
            orders.append(int(order.text))
    if not len(element):
        fail(f"{path} is empty")
    if orders and orders != list(range(1, len(orders) + 1)):
        fail(f"the order in {path} is {orders}")


def check_value(element, rule, path):
    if isinstance(rule, list) and None in rule[0]:   # the element itself is the repeated one
        if element.get(WCM + "action") != "add":
            fail(f"{path} without wcm:action")
        rule = rule[0][None]
    if isinstance(rule, list):
        check_list(element, rule, path)
    elif isinstance(rule, dict):
        seen = set()
        for child in element:
            name = name_of(child)
            if name not in rule:
                fail(f"{path} has no setting {name}")
            if name in seen and not isinstance(rule[name], list):
                fail(f"{path}/{name} stands twice")
            seen.add(name)
            check_value(child, rule[name], f"{path}/{name}")
        if not seen:
            fail(f"{path} is empty")
    elif len(element) or not rule(element.text or ""):
        fail(f"{path} holds {element.text!r}")


def check_disks(root):
    """Partitions that are formatted or installed to are made; Windows goes to one with NTFS; UEFI needs EFI, MSR."""
    disk = root.find(f".//{SPACE}Disk")
    if disk is None:
        return
    kinds = [p.findtext(SPACE + "Type") for p in disk.iter(SPACE + "CreatePartition")]
    if kinds[:2] != ["EFI", "MSR"] or kinds.count("Primary") < 1:
        fail(f"partitions {kinds} are not those of UEFI")
    formats = {int(p.findtext(SPACE + "PartitionID")): p.findtext(SPACE + "Format")
               for p in disk.iter(SPACE + "ModifyPartition")}
    if any(number > len(kinds) for number in formats) or 2 in formats:
        fail(f"partitions {sorted(formats)} are changed, {len(kinds)} are made, and the second is reserved")
    target = int(root.find(f".//{SPACE}InstallTo/{SPACE}PartitionID").text)
    if formats.get(target) != "NTFS" or kinds[target - 1] != "Primary":
        fail(f"Windows goes to partition {target}, which is {kinds[target - 1]}, {formats.get(target)}")
    for part in disk.iter(SPACE + "CreatePartition"):
        if (part.find(SPACE + "Size") is None) == (part.find(SPACE + "Extend") is None):
            fail("a partition has size and extent, or neither")


def passwords(root):
    """What hidden passwords say, by their element's name; all must be the same."""
    found = set()
    for name in ("Password", "AdministratorPassword"):
        for element in root.iter(SPACE + name):
            if element.findtext(SPACE + "PlainText") != "false":
                fail("a password in plain text")
            text = base64.b64decode(element.findtext(SPACE + "Value")).decode("utf-16-le")
            if not text.endswith(name):
                fail(f"{name} does not end with its element's name")
            found.add(text[:-len(name)])
    if len(found) > 1:
        fail("the passwords differ")
    return found


def check(text):
    """The parsed document, where it keeps the rules."""
    root = tree.fromstring(text)
    if root.tag != SPACE + "unattend":
        fail(f"the root is {root.tag}")
    passes = [settings.get("pass") for settings in root]
    if passes != [one for one in PASSES if one in passes]:
        fail(f"passes {passes}: unknown, twice, or not in their order")
    for settings in root:
        names = [component.get("name") for component in settings]
        if len(names) != len(set(names)) or not names:
            fail(f"components of {settings.get('pass')}: {names}")
        for component in settings:
            name, where = component.get("name"), settings.get("pass")
            if {k: v for k, v in component.attrib.items() if k != "name"} != {
                    "processorArchitecture": "amd64", "publicKeyToken": "31bf3856ad364e35",
                    "language": "neutral", "versionScope": "nonSxS"}:
                fail(f"attributes of {name}: {component.attrib}")
            if name not in COMPONENTS:
                fail(f"no component {name}")
            allowed, rule = COMPONENTS[name]
            if where not in allowed:
                fail(f"{name} may not stand in {where}")
            for setting in component:
                if where not in ONLY.get((name, name_of(setting)), PASSES):
                    fail(f"{name}/{name_of(setting)} may not stand in {where}")
            check_value(component, rule, name)
    check_disks(root)
    passwords(root)
    return root
