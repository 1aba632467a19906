#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who waits for a program, or for its start, has given back what starting took: programs run for days.
. "$TOP/tests/support/lib.sh"

# The peak is from starting.
holds_less() {
  awk '/^VmHWM:/ { peak = $2 } /^VmRSS:/ { now = $2 } END { exit !(now > 0 && now < peak * 3 / 4) }' "/proc/$1/status"
}

set_args /bin/sleep 60
"$WOLFFIA_OCI" run --bundle "$BUNDLE" --pid-file "$TMP/pid" "$ID" </dev/null &
runtime=$!
wait_for 20 holds_less "$runtime"
oci kill "$ID" KILL
wait "$runtime" || expect_equal "$?" 137 'the exit status'

oci create --bundle "$BUNDLE" --pid-file "$TMP/pid" "$ID" </dev/null
wait_for 20 holds_less "$(cat "$TMP/pid")"
oci start "$ID"
oci delete --force "$ID"
