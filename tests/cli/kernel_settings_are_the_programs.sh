#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Personality, I/O priority, NIS domain, settings of the kernel, clocks and session keyring are what config.json asks for.
. "$TOP/tests/support/lib.sh"

cp "$BUNDLE/config.json" fresh.json
# with JQ-PROGRAM PROGRAM ARGUMENTS…: runs the fresh bundle, changed by JQ-PROGRAM.
with() {
  cp fresh.json "$BUNDLE/config.json"
  edit_config "$1"
  shift
  set_args "$@"
  run_bundle
}

expect_output "$(linux32 uname -m)" with '.linux.personality = {domain: "LINUX32"}' /bin/uname -m
expect_output "$(uname -m)" with '.linux.personality = {domain: "LINUX"}' /bin/uname -m

# shellcheck disable=SC2016
priority='ionice -p $$'
expect_output 'best-effort: prio 6' with '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}' /bin/sh -c "$priority"
expect_output 'idle' with '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}' /bin/sh -c "$priority"

expect_output 'inside.example' with '.domainname = "inside.example"' /bin/cat /proc/sys/kernel/domainname

set_in_namespaces='.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4242"} |
  .linux.namespaces |= map(select(.type != "network")) + [{type: "network"}]'
expect_output '1
4242' with "$set_in_namespaces" /bin/cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax

# A day ahead: nothing that a test takes.
ahead='.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 86400}}'
expect_status 0 with "$ahead" /bin/cut -d. -f1 /proc/uptime
[ "$(cat "$TMP/out")" -ge $(($(cut -d. -f1 /proc/uptime) + 86000)) ] || fail 'the clock is not ahead'

# Its name is in the list of keys that the reader has.
if [ -e /proc/keys ]; then
  seen='.linux.maskedPaths = []'
  expect_match "_ses\.$ID" with "$seen" /bin/cat /proc/keys
  cp fresh.json "$BUNDLE/config.json"
  edit_config "$seen"
  set_args /bin/cat /proc/keys
  expect_status 0 run_bundle --no-new-keyring
  ! grep -q "_ses\.$ID" "$TMP/out" || fail 'a keyring was made in spite of --no-new-keyring'
fi
