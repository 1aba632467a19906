#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A command behind the id or --process, not both and not neither.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
expect_status 0 run_bundle --detach

jq .process "$BUNDLE/config.json" >"$TMP/process.json"
expect_error 255 'not both' oci exec --process "$TMP/process.json" "$ID" true
expect_error 255 '--process /nonexistent' oci exec --process /nonexistent "$ID"
expect_error 255 'needs a command' oci exec "$ID"

expect_status 0 oci delete --force "$ID"
