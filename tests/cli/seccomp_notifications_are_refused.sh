#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SCMP_ACT_NOTIFY is refused by name, before anything is made: above all on write and sendmsg, which the runtime
# itself needs to hand the listener over, and which would wait for an answer for ever.
. "$TOP/tests/support/lib.sh"

# refused FIELD: $BUNDLE is, as often as it is tried (a filter that was made once is kept).
refused() {
  for command in create run 'run --dry-run' run; do
    # shellcheck disable=SC2086
    expect_error 1 "^wolffia-oci: linux.seccomp.$1: SCMP_ACT_NOTIFY is not part of this release\$" \
      oci $command --bundle "$BUNDLE" "$ID"
    expect_equal "$(wc -l <"$TMP/err")" 1 'the number of lines'
    expect_error 1 'does not exist' oci state "$ID"
  done
}

for call in write sendmsg close mkdir; do
  edit_config --arg call $call '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{names: ["chroot"], action: "SCMP_ACT_ERRNO"}, {names: [$call], action: "SCMP_ACT_NOTIFY"}]}'
  refused 'syscalls\[1\].action'
done
edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_NOTIFY"}'
refused defaultAction

edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/run/agent.sock"}'
expect_error 1 '^wolffia-oci: linux.seccomp.listenerPath is not part of this release$' run_bundle

expect_status 0 oci features
jq -e '.linux.seccomp.actions | index("SCMP_ACT_NOTIFY") | not' "$TMP/out" >/dev/null || fail 'features lists it'
