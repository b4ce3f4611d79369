#!/bin/sh
# What udhcpc found out: address, routes (option 121 first), name servers.
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip addr flush dev "$interface"
ip addr add "$ip/${mask:-24}" dev "$interface"
if [ -n "$staticroutes" ]; then
    set -- $staticroutes
    while [ $# -ge 2 ]; do
        if [ "$2" = 0.0.0.0 ]; then ip route add "$1" dev "$interface"
        else ip route add "$1" via "$2" dev "$interface" onlink; fi
        shift 2
    done
else
    for one in $router; do ip route add default via "$one" dev "$interface" onlink; break; done
fi
for one in $dns; do echo "nameserver $one"; done >/etc/resolv.conf
[ -n "$mtu" ] && ip link set "$interface" mtu "$mtu"
echo "guest: $interface has $ip by DHCP from $serverid"
