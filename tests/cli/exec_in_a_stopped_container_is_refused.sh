#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# There is nothing to join.
. "$TOP/tests/support/lib.sh"

expect_status 0 run_bundle --keep
expect_error 255 'not running|stopped' oci exec "$ID" true
expect_status 0 oci delete "$ID"
