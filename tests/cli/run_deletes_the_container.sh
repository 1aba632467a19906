#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whether the program succeeds or not; --keep leaves its state.
. "$TOP/tests/support/lib.sh"

set_args /bin/sh -c 'exit 7'
expect_status 7 run_bundle
expect_output '' oci list -q
expect_status 7 run_bundle --keep
expect_equal "$(container_status)" stopped 'the status'
expect_status 0 oci delete "$ID"
expect_output '' oci list -q
