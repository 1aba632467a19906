#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# And with 127, 126 or 255 when it could not be run, leaving no pid file.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
expect_status 0 run_bundle --detach

expect_status 7 oci exec "$ID" /bin/sh -c 'exit 7'
expect_status 143 oci exec "$ID" /bin/sh -c 'kill -TERM $$'
expect_error 127 'executable file not found in' oci exec --pid-file "$TMP/pid" "$ID" frob
expect_error 127 'no such file or directory' oci exec --pid-file "$TMP/pid" "$ID" /frob
expect_error 255 'cwd|/nowhere' oci exec --cwd /nowhere --pid-file "$TMP/pid" "$ID" true
expect_error 255 '--user takes' oci exec --user root --pid-file "$TMP/pid" "$ID" true
[ ! -e "$TMP/pid" ] || fail 'a pid file is left'

expect_status 0 oci delete --force "$ID"
