#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run --dry-run prints the plan and starts nothing.
. "$TOP/tests/support/lib.sh"

set_args /bin/sh -c 'echo started >/tmp/started'
edit_config '.root.readonly = false'
expect_status 0 oci run --dry-run --bundle "$BUNDLE" "$ID"
for word in /proc /dev/shm /bin/sh; do
  grep -q "$word" "$TMP/out" || fail "the plan does not mention $word"
done
[ ! -e "$BUNDLE/rootfs/tmp/started" ] || fail 'the program ran'
expect_output '' oci list --quiet

# Started by a service manager it has one mount and one variable more; a state directory is still not made.
expect_status 0 env NOTIFY_SOCKET=/run/manager "$WOLFFIA_OCI" --root elsewhere run --dry-run --bundle "$BUNDLE" "$ID"
grep -q "$TMP/elsewhere/$ID/notify .*/run/notify\|/run/notify .*$TMP/elsewhere/$ID/notify" "$TMP/out" || fail 'no mount of the socket'
grep -q 'env NOTIFY_SOCKET=/run/notify/notify.sock' "$TMP/out" || fail 'the variable is not there'
[ ! -e elsewhere ] || fail 'a state directory was made'
