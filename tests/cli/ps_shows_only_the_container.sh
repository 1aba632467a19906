#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The lines of ps(1) about it, or its process ids as JSON.
. "$TOP/tests/support/lib.sh"

set_args /bin/sh -c 'sleep 1001 & sleep 1002 & wait'
expect_status 0 run_bundle --detach --pid-file "$TMP/pid"
wait_for 20 sh -c "'$WOLFFIA_OCI' ps --format json $ID | jq -e 'length == 3'"
expect_status 0 oci ps --format json "$ID"
jq -e --argjson pid "$(cat "$TMP/pid")" 'index($pid) != null' "$TMP/out" || fail 'init is missing'
if [ -x /usr/bin/ps ]; then
  expect_match '^UID +PID ' oci ps "$ID"
  expect_equal "$(wc -l <"$TMP/out")" 4 'the number of lines'
  expect_match 'sleep 1002' oci ps "$ID" -o pid,args
  expect_error 1 'PID' oci ps "$ID" -o args
else
  expect_error 1 'needs /usr/bin/ps' oci ps "$ID"
fi
expect_status 0 oci delete --force "$ID"
