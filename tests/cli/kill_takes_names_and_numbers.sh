#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# TERM, SIGTERM, 15, and TERM when nothing is said.
. "$TOP/tests/support/lib.sh"

set_args /bin/sh -c 'trap "echo got >>/got" TERM; echo ready >/ready; while :; do sleep 0.05; done'
edit_config '.root.readonly = false'
expect_status 0 run_bundle --detach
wait_for 20 test -e "$BUNDLE/rootfs/ready"
count=0
for signal in TERM SIGTERM 15 sigterm ''; do
  expect_status 0 oci kill "$ID" $signal
  count=$((count + 1))
  wait_for 20 sh -c "[ \$(wc -l <'$BUNDLE/rootfs/got') = $count ]"
done
expect_error 1 'no signal is called "FROB"' oci kill "$ID" FROB
expect_error 1 'no signal is called' oci kill "$ID" 65
expect_status 0 oci delete --force "$ID"
