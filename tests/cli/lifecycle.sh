#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# create, start, kill and delete, and what each of them refuses.
. "$TOP/tests/support/lib.sh"

state_is() { [ "$(oci state "$ID" | jq -r .status)" = "$1" ]; }

set_args /bin/sleep 1000
expect_status 0 oci create --bundle "$BUNDLE" "$ID"
expect_equal "$(oci state "$ID" | jq -r .status)" created 'the status after create'
expect_error 1 'exists|in use' oci create --bundle "$BUNDLE" "$ID"

expect_status 0 oci start "$ID"
expect_equal "$(oci state "$ID" | jq -r .status)" running 'the status after start'
expect_error 1 'running' oci start "$ID"
expect_error 1 'running|not stopped' oci delete "$ID"

expect_status 0 oci kill "$ID" KILL
wait_for 10 state_is stopped
expect_error 1 'container not running' oci kill "$ID" TERM
expect_error 1 'stopped|not running' oci start "$ID"
expect_status 0 oci delete "$ID"
for command in state start delete; do
  expect_error 1 'does not exist' oci $command "$ID"
done
expect_error 1 'does not exist' oci kill "$ID" TERM
