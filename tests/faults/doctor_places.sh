#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is wrong with the places that images and containers are kept in is named, one by one.
# run: once
. "$TOP/tests/support/lib.sh"
. "$TOP/tests/support/doctor.sh"

enolck=37
export WOLFFIA_STORE="$TMP/store"
mkdir store

# stored OPTIONS: the store is on a file system of its own.
stored() {
  behind "mount -t tmpfs -o $1 none '$TMP/store'"
}
injects store-full degraded stored size=1m
injects store-full degraded stored size=2g,nr_inodes=100
injects store-not-writable degraded stored size=2g,ro
injects store-noexec works stored size=2g,noexec
finds_not store-full stored size=2g

# The kernel's overlay does not write to another overlay.
injects store-without-overlay works behind "mkdir l u w
  mount -t overlay -o lowerdir=l,upperdir=u,workdir=w,userxattr none '$TMP/store'"

# A file system that a process serves, and one that says it is NFS.
mkdir served
bindfs -f --no-allow-other --chown-deny --chgrp-deny served store &
server=$!
is_served() { [ "$(stat -c %d store)" != "$(stat -c %d .)" ]; }
wait_for 10 is_served
injects store-on-network works doctor
jq -e '.works.images == "overlay" and (.findings[] | select(.id == "store-on-network") | .now | contains("WOLFFIA_SCRATCH"))' \
  <"$TMP/out" >"$TMP/found" || fail "what containers change has no place"
fusermount3 -u store
wait $server

mkdir -m 0777 open
chmod 0777 open
injects store-not-ours degraded env WOLFFIA_STORE="$TMP/open" "$WOLFFIA" doctor --json
injects store-not-ours degraded env WOLFFIA_STORE=/usr/share "$WOLFFIA" doctor --json
injects store-not-writable degraded env WOLFFIA_STORE=/usr/share/wolffia-store "$WOLFFIA" doctor --json
injects no-home degraded behind 'echo >passwd; mount --bind passwd /etc/passwd; unset WOLFFIA_STORE HOME'

imitates store-without-locks works "$SUPPORT/refuse" flock:$enolck "$WOLFFIA" doctor --json
imitates store-unresponsive degraded "$SUPPORT/refuse" flock:stall "$WOLFFIA" doctor --json

# traced INJECTION: strace changes what the kernel answers.
traced() {
  strace -f -qq -o "$TMP/trace" -e "trace=${1%%:*}" -e "inject=$1" "$WOLFFIA" doctor --json
}
imitates store-on-network works traced fstatfs:poke_exit=@arg2=6969000000000000
imitates no-overlay degraded traced fsopen:error=ENODEV
# struct dqblk: 1 GiB allowed, of which all but one page is used; both of bytes and of inodes are valid.
quota=$(for value in 1048576 1048576 1073737728 0 0 10 0 0; do little_endian $value 8; done; little_endian 15 4)
imitates store-quota degraded traced "quotactl_fd:retval=0:poke_exit=@arg4=$quota"

# A /tmp of our own; what was there is at /mnt.
in_tmp() {
  behind "mount --rbind /tmp /mnt; mount -t tmpfs -o $1 none /tmp
    moved() { case \$1 in /tmp/*) echo \"/mnt\${1#/tmp}\" ;; *) echo \"\$1\" ;; esac; }
    WOLFFIA=\$(moved \"\$WOLFFIA\"); XDG_RUNTIME_DIR=\$(moved \"\$XDG_RUNTIME_DIR\"); $2"
}
injects tmp-full degraded in_tmp size=1m true
injects tmp-full blocked in_tmp size=1m 'unset XDG_RUNTIME_DIR'
injects tmp-not-writable degraded in_tmp ro true
injects state-dir-foreign blocked in_tmp size=1g 'unset XDG_RUNTIME_DIR; mkdir -m 0777 "/tmp/wolffia-$(id -u)"; chmod 0777 /tmp/wolffia-*'
finds_not state-dir-foreign in_tmp size=1g 'unset XDG_RUNTIME_DIR; mkdir -m 0700 "/tmp/wolffia-$(id -u)"'

injects no-runtime-dir works env -u XDG_RUNTIME_DIR "$WOLFFIA" doctor --json
injects runtime-dir-unusable works env XDG_RUNTIME_DIR="$TMP/nowhere" "$WOLFFIA" doctor --json
injects runtime-dir-unusable works env XDG_RUNTIME_DIR="$TMP/open" "$WOLFFIA" doctor --json

# A killed trial leaves a directory that the next one removes, once it is old.
mkdir -p store/.wolffia-doctor-1/work/work store/.wolffia-doctor-2
chmod 0 store/.wolffia-doctor-1/work/work
touch -d '2 minutes ago' store/.wolffia-doctor-1
expect_status 0 doctor
expect_equal "$(ls -A store)" .wolffia-doctor-2 'what is left of trials'
rmdir store/.wolffia-doctor-2

# Nothing was left anywhere: neither in the store nor beside it.
expect_equal "$(ls -A store open)" "$(printf 'open:\n\nstore:')" 'what is left'
