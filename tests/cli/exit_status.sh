#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `run` ends with the status of the container's program: its exit code, or 128 and the signal.
. "$TOP/tests/support/lib.sh"

for code in 0 1 42 255; do
  set_args /bin/sh -c "exit $code"
  expect_status $code run_bundle
done

set_args /bin/sleep 1000
run_bundle &
running() { [ "$(oci state "$ID" | jq -r .status)" = running ]; }
wait_for 10 running
expect_status 0 oci kill "$ID" KILL
status=0
wait $! || status=$?
expect_equal "$status" 137 'the status after SIGKILL'
