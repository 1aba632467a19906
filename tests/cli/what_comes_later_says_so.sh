#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Commands and flags of other runtimes that this release lacks are refused, never ignored.
. "$TOP/tests/support/lib.sh"

for command in checkpoint restore; do
  expect_error 1 "^wolffia-oci: $command is not in this release: CRIU takes CAP_CHECKPOINT_RESTORE of the machine, " \
    oci "$command" "$ID"
  expect_equal "$(wc -l <"$TMP/err")" 1 'the number of lines'
done
expect_error 1 '^wolffia-oci: --kernel-memory is not in this release: ' oci update --kernel-memory 1 "$ID"
expect_error 255 'does not exist$' oci exec --apparmor unconfined "$ID" true
expect_status 0 oci --systemd-cgroup list
