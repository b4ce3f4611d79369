#!/bin/sh
# Stands in for Windows Setup where an image's build is tested: takes the answers of the disc that it
# was started from, "installs", says on the serial port what Windows would, and shuts down.
mount -t iso9660 -o ro "$1" /config
echo "casement: first logon"
[ -f /config/Autounattend.xml ] && [ -f /config/casement/setup.cmd ] || { echo "casement: failed: no answers"; poweroff -f; }
for disc in /dev/sr*; do
    mkdir -p "/mnt/${disc##*/}"
    mount -t iso9660 -o ro "$disc" "/mnt/${disc##*/}" 2>/dev/null
    [ -f "/mnt/${disc##*/}/sources/install.wim" ] && media=/mnt/${disc##*/}
done
[ -n "$media" ] || { echo "casement: failed: no install.wim"; poweroff -f; }
dd if="$media/sources/install.wim" of=/dev/vda bs=1M conv=fsync 2>/dev/null
echo "casement: drivers done"
for second in 1 2 3 4 5 6 7 8; do echo "installing $second" >/dev/tty1; sleep 1; done
echo "casement: sealing"
sync
echo "casement: sealed"
sleep 1
poweroff -f
