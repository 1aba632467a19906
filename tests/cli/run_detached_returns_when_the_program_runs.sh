#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --detach: the pid file is there, the program runs on.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
expect_status 0 run_bundle --detach --pid-file "$TMP/pid"
expect_equal "$(container_status)" running 'the status'
expect_equal "$(oci state "$ID" | jq .pid)" "$(cat "$TMP/pid")" 'the pid'
expect_status 0 oci delete --force "$ID"
