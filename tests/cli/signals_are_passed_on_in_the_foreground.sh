#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the runtime gets, the program gets; it is not killed by it.
. "$TOP/tests/support/lib.sh"

set_args /bin/sh -c 'trap "echo got HUP" HUP; trap "echo got USR1; exit 5" USR1; echo ready; while :; do sleep 0.05; done'
"$WOLFFIA_OCI" run --bundle "$BUNDLE" "$ID" >"$TMP/o" </dev/null &
runtime=$!
wait_for 20 grep -q ready "$TMP/o"
kill -HUP "$runtime"
wait_for 20 grep -q 'got HUP' "$TMP/o"
kill -USR1 "$runtime"
status=0
wait "$runtime" || status=$?
expect_equal "$status" 5 'the exit status'
expect_output '' oci list -q
