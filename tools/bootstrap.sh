#!/bin/bash
# Installs what the given groups need and this machine lacks, with apt, after saying what and why.
# What is there already, from wherever, is left alone. Usage: bootstrap.sh GROUP... (build serverbuild
# run servers test clients guests bench), or bootstrap.sh --postgresql, which prints the PostgreSQL
# major version to use.
set -euo pipefail

postgresql_version() {
    local version
    for version in 15 16 17 18; do
        [ -x "/usr/lib/postgresql/$version/bin/pg_config" ] && echo "$version" && return
    done
    # None with its headers yet: the one that this system's packages have.
    case "$(. /etc/os-release 2>/dev/null; echo "${ID:-}${VERSION_ID:-}")" in
        debian13*|ubuntu25*) echo 17 ;;
        ubuntu24*) echo 16 ;;
        *) echo 15 ;;
    esac
}

# The version of LLVM that this system calls its default: its sanitizers are a package of their own.
llvm_version() {
    case "$(. /etc/os-release 2>/dev/null; echo "${ID:-}${VERSION_ID:-}")" in
        debian13*) echo 19 ;;
        ubuntu24*) echo 18 ;;
        *) echo 14 ;;
    esac
}

pg=${PG:-$(postgresql_version)}
if [ "${1:-}" = --postgresql ]; then
    echo "$pg"
    exit
fi

# group|check|package|why. A check is c:COMMAND, f:FILE (a pattern) or m:MODULE of pkg-config.
table="
build|c:gcc|build-essential|the compiler
build|f:/usr/include/stdio.h|libc6-dev|the C library's headers
build|c:pkg-config|pkg-config|finds the libraries
build|c:meson|meson|describes the build
build|c:ninja|ninja-build|runs the build
build|c:python3|python3|runs generators and tests
build|m:openssl|libssl-dev|TLS
build|m:icu-i18n|libicu-dev|collations
build|m:libxml-2.0|libxml2-dev|the xml type
build|m:zlib|zlib1g-dev|COMPRESS and DECOMPRESS
build|m:libpq|libpq-dev|how casement talks to its own cluster
build|m:libmicrohttpd|libmicrohttpd-dev|the API's HTTPS server
build|m:gnutls|libgnutls28-dev|the certificate of that server, which can change while it runs
build|m:jansson|libjansson-dev|JSON
build|m:libcurl|libcurl4-openssl-dev|how the command line program talks to the API
build|m:libedit|libedit-dev|the line editor of its prompt
build|c:esbuild|esbuild|bundles the web console
build|c:tsc|node-typescript|checks the web console's types
build|f:/usr/share/nodejs/mithril /usr/lib/nodejs/mithril|node-mithril|the web console's framework
build|f:/usr/lib/postgresql/$pg/bin/pg_config|postgresql-server-dev-$pg|the headers the engine is built with
run|f:/usr/lib/postgresql/$pg/bin/postgres|postgresql-$pg|the server that the engine extends
run|c:pgbackrest|pgbackrest|backup and restore
run|c:useradd|passwd|adds the user that the server runs as
run|f:/usr/lib/x86_64-linux-gnu/libicui18n.so* /usr/lib/*/libicui18n.so*|libicu-dev|collations
test|c:git|git|lists the files that the checks look at
test|c:clang|clang|the second compiler, sanitizers and fuzzing
test|f:/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a|libclang-rt-$(llvm_version)-dev|libFuzzer
test|c:clang-format|clang-format|the check of the format
clients|c:tsql|freetds-bin|tests with FreeTDS
clients|f:/usr/lib/*/odbc/libtdsodbc.so|tdsodbc|tests with FreeTDS's ODBC driver
clients|f:/usr/lib/*/libodbc.so.2*|unixodbc|the ODBC driver manager
clients|f:/usr/lib/python3*/ensurepip|python3-venv|an environment for Python's drivers
clients|c:node|nodejs|tests with tedious and mssql
clients|c:npm|npm|installs Node's drivers
clients|c:chromium|chromium|tests of the web console
clients|c:javac|default-jdk-headless|tests with mssql-jdbc
clients|c:mvn|maven|installs Java's driver
clients|c:go|golang-go|tests with go-mssqldb and go-sqlcmd
clients|c:cargo|cargo|tests with tiberius
servers|c:xorriso|xorriso|writes the drive that tells a new server its name and addresses
servers|c:qemu-system-x86_64|qemu-system-x86|runs the servers
servers|c:qemu-img|qemu-utils|makes and checks their disks
servers|f:/usr/share/OVMF/OVMF_CODE_4M.secboot.fd|ovmf|their UEFI firmware
servers|c:swtpm|swtpm|their TPM 2.0
servers|c:swtpm_setup|swtpm-tools|makes the TPM of a new server
servers|c:libvirtd|libvirt-daemon|looks after them
servers|f:/usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so|libvirt-daemon-driver-qemu|its driver for QEMU
servers|c:ip|iproute2|makes tenants' networks
servers|c:dnsmasq|dnsmasq-base|DHCP and DNS of tenants' networks
servers|c:nft|nftables|keeps tenants' networks apart
servers|c:wimlib-imagex|wimtools|looks into Windows media
servers|f:/usr/bin/7zz /usr/bin/7z|7zip|reads Windows media, which are of the format UDF
serverbuild|m:libvirt|libvirt-dev|how casementd talks to libvirtd
guests|f:/bin/busybox /usr/bin/busybox|busybox-static|the small guest of the tests
guests|f:/usr/lib/*/libcrypto.a|libssl-dev|its program, which is linked statically
guests|f:/usr/lib/*/libglib-2.0.so.0|libglib2.0-0|the guest agent in it
guests|f:/usr/lib/*/liburing.so.2|liburing2|the guest agent in it
guests|c:genisoimage|genisoimage|makes a disc like those of Windows for the tests
guests|c:xmllint|libxml2-utils|checks Autounattend.xml
bench|c:perf|linux-perf|profiles of what falls short
"
# Groups that the work can do without: their suites are skipped, saying so.
optional=" clients servers serverbuild guests bench "

here() {
    case "$1" in
        c:*) command -v "${1#c:}" >/dev/null 2>&1 || [ -x "/usr/sbin/${1#c:}" ] ;;
        m:*) pkg-config --exists "${1#m:}" 2>/dev/null ;;
        f:*) local one; for one in ${1#f:}; do [ -e "$one" ] && return 0; done; return 1 ;;
    esac
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

packages=() needed=() wanted=()
declare -A seen=()
while IFS='|' read -r group check package why; do
    [ -n "$group" ] || continue
    case " $* " in *" $group "*) ;; *) continue ;; esac
    here "$check" && continue
    [ -n "${seen[$package]:-}" ] && continue
    seen[$package]=1
    printf -v line '  %-24s %s' "$package" "$why"
    packages+=("$line")
    case "$optional" in *" $group "*) wanted+=("$package") ;; *) needed+=("$package") ;; esac
done <<< "$table"
[ ${#packages[@]} -gt 0 ] || exit 0

echo "Installing with apt what is missing here:"
printf '%s\n' "${packages[@]}"
if ! command -v apt-get >/dev/null; then
    echo "There is no apt-get on this system: install the above by hand." >&2
    exit 1
fi
if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    echo "Neither root nor sudo: run as root  apt-get install ${needed[*]} ${wanted[*]}" >&2
    exit 1
fi
case " ${needed[*]} " in *" postgresql-$pg "*)
    # Debian's package would make and start a cluster of its own, which nobody asked for.
    echo "  (no cluster of PostgreSQL's own is made: /etc/postgresql-common/createcluster.d/casement.conf)"
    as_root mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" |
        as_root tee /etc/postgresql-common/createcluster.d/casement.conf >/dev/null ;;
esac

install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -q "$@"
}
as_root apt-get update -q || echo "apt-get update failed; trying with the lists that are here" >&2
[ ${#needed[@]} -eq 0 ] || install "${needed[@]}"
for package in "${wanted[@]}"; do
    install "$package" || echo "$package cannot be had here; what needs it will be skipped" >&2
done
