#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Devices, cgroups, the clock, certificates and proxies: what is wrong with them is named, one by one.
. "$TOP/tests/support/lib.sh"
. "$TOP/tests/support/doctor.sh"

hidden() { behind "touch closed; chmod 0 closed; mount --bind closed $1"; }
injects no-fuse works hidden /dev/fuse
injects no-tun works hidden /dev/net/tun

# Alone, or with a runtime that others may write to.
mkdir alone
cp "$WOLFFIA" alone/wolffia
injects program-missing blocked alone/wolffia doctor --json
cp "$WOLFFIA_OCI" alone/wolffia-oci
injects image-program-missing degraded alone/wolffia doctor --json
finds_not program-missing alone/wolffia doctor --json
chmod go+w alone/wolffia-oci
injects program-missing blocked alone/wolffia doctor --json

# A cgroup file system of this machine, put where the kinds have it.
unified=$(findmnt -n -o TARGET -t cgroup2 | head -n 1)
[ -n "$unified" ] || fail 'this machine has no cgroup2 file system'
injects no-cgroup works behind 'mount -t tmpfs none /sys/fs/cgroup'
injects cgroup-hybrid works behind "mkdir -p cg; mount --bind $unified cg; mount -t tmpfs none /sys/fs/cgroup
  mkdir /sys/fs/cgroup/unified; mount --bind cg /sys/fs/cgroup/unified"
injects cgroup-not-delegated works behind "mkdir -p cg; mount --bind $unified cg; mount -o remount,bind,ro cg
  mount --bind cg /sys/fs/cgroup"
imitates cgroup-v1 works strace -qq -o "$TMP/trace" -e trace=fstatfs \
  -e inject=fstatfs:poke_exit=@arg2=ebe0270000000000:when=1 "$WOLFFIA" doctor --json

group=$(sed -n 's/^0:://p' /proc/self/cgroup)
behind_cgroup() {
  BEHIND="strace -qq -o $TMP/trace -e trace=fstatfs -e inject=fstatfs:poke_exit=@arg2=7072676300000000:when=1" \
    behind "mount -t tmpfs none /sys/fs/cgroup; mkdir -p /sys/fs/cgroup$group; cd /sys/fs/cgroup$group
      touch cgroup.procs; echo $1 >cgroup.controllers; cd $TMP"
}
imitates cgroup-controllers-missing works behind_cgroup 'cpu io pids'
grep -q 'controllers memory' "$TMP/out" || fail 'the wrong controllers are named'
finds_not cgroup-controllers-missing behind_cgroup 'cpu memory pids'

# Certificates are older than now, wherever they came from.
touch -d '3 days' future.pem
injects clock-behind degraded env SSL_CERT_FILE="$TMP/future.pem" "$WOLFFIA" doctor --json
grep -q 'at least [23] days behind' "$TMP/out" || fail 'it is not told how far'
touch -d '-3 days' past.pem
finds_not clock-behind env SSL_CERT_FILE="$TMP/past.pem" "$WOLFFIA" doctor --json
# The second status that is asked for is that of the file which was written to the store: two hours ahead.
status_of_file=$(printf '%0176d' 0)$(little_endian $(($(date +%s) + 7300)) 8)
imitates clock-differs degraded strace -f -qq -o "$TMP/trace" -e trace=newfstatat \
  -e "inject=newfstatat:poke_exit=@arg3=$status_of_file:when=2" "$WOLFFIA" doctor --json

injects no-certificates degraded env SSL_CERT_FILE="$TMP/none.pem" "$WOLFFIA" doctor --json
injects no-certificates degraded behind 'mount -t tmpfs none /etc/ssl'

# Port 1 of our own loopback: nobody listens there.
behind_proxy() { env "$1" "$WOLFFIA" doctor --json; }
injects proxy-unreachable degraded behind_proxy https_proxy=http://name:secret@127.0.0.1:1
if grep -q secret "$TMP/out"; then fail 'a password is shown'; fi
injects proxy-unreachable degraded behind_proxy ALL_PROXY=socks5h://[::1]:1
injects proxy-invalid degraded behind_proxy HTTPS_PROXY=nonsense://
injects proxy-http-only works behind_proxy http_proxy=http://127.0.0.1:1
finds_not proxy-unreachable behind_proxy https_proxy=http://proxy.invalid:3128
