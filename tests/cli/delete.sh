#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A created container can be deleted, a running one with --force; --force is content when there is nothing.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
expect_status 0 oci create --bundle "$BUNDLE" "$ID"
expect_status 0 oci delete "$ID"
expect_output '' oci list --quiet

expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID"
init=$(oci state "$ID" | jq .pid)
expect_status 0 oci delete --force "$ID"
wait_for 10 test ! -e "/proc/$init/ns/pid"
expect_output '' oci list --quiet
expect_status 0 oci delete --force "$ID"
