#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: ids
# The container's program may run as an id that is not the caller's: its files in /proc are that id's then.
. "$TOP/tests/support/lib.sh"

edit_config '.process.user = {uid: 1000, gid: 1000}'
set_args /bin/sleep 1000
expect_status 0 run_bundle --detach

expect_output '1000 1000' oci exec "$ID" sh -c 'echo $(id -u) $(id -g)'
expect_output '0 0' oci exec --user 0:0 "$ID" sh -c 'echo $(id -u) $(id -g)'
expect_status 0 oci exec -d "$ID" sleep 1000
expect_match sleep oci ps "$ID"
expect_equal "$(oci ps --format json "$ID" | jq length)" 2 'processes of two ids'

expect_status 0 oci delete --force "$ID"
