#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A table, JSON on one line, and bare ids.
. "$TOP/tests/support/lib.sh"

expect_output '[]' oci list --format json
set_args /bin/sleep 1000
expect_status 0 oci create --bundle "$BUNDLE" "$ID-b" </dev/null
expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID-a" </dev/null
expect_output "$ID-a
$ID-b" oci list -q
expect_match '^ID +PID +STATUS +BUNDLE +CREATED +OWNER$' oci list
expect_match "^$ID-a +[0-9]+ +running +$BUNDLE +[0-9TZ:.-]+ +[^ ]+$" oci list
expect_status 0 oci list -f json
expect_equal "$(wc -l <"$TMP/out")" 1 'the lines that JSON takes'
expect_equal "$(jq -r '.[].status' "$TMP/out" | tr '\n' ' ')" 'running created ' 'the statuses'
expect_status 0 oci delete --force "$ID-a"
expect_status 0 oci delete --force "$ID-b"
