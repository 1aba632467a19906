#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Podman and Slurm match these words.
. "$TOP/tests/support/lib.sh"

for command in state start 'kill' delete ps; do
  expect_error 1 'does not exist' oci "$command" "$ID"
done
expect_error 255 'does not exist' oci exec "$ID" true
expect_status 0 oci delete --force "$ID"
