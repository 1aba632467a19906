#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# exec --process takes the whole process from a file, as conmon calls it.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID"
jq '.process | .args = ["sh", "-c", "echo $WORD from $(pwd); exit 7"] | .env = ["PATH=/bin", "WORD=hello"] |
    .cwd = "/tmp"' "$BUNDLE/config.json" >process.json
expect_status 7 oci exec --process process.json "$ID"
expect_equal "$(cat "$TMP/out")" 'hello from /tmp' 'the output'
# Flags beside the file change what it says.
expect_status 7 oci exec --process process.json --env WORD=other --cwd / "$ID"
expect_equal "$(cat "$TMP/out")" 'other from /' 'the output with flags'
expect_error 255 'process.user.uid 999999: does not exist in the container' \
  oci exec --process process.json --user 999999 "$ID"
expect_error 255 '--cwd must be absolute, not "tmp"' oci exec --cwd tmp "$ID" true
expect_error 255 'cwd' sh -c 'echo "{\"args\":[\"true\"],\"cwd\":\"tmp\"}" >bad.json
  "$WOLFFIA_OCI" exec --process bad.json "$ID"'
expect_status 0 oci delete --force "$ID"
