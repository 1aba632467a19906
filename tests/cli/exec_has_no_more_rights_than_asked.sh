#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The container's capabilities unless --cap adds one; no_new_privs as the container's process.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
expect_status 0 run_bundle --detach

caps='grep CapEff /proc/self/status | cut -f 2'
base=$(oci exec "$ID" sh -c "$caps")
more=$(oci exec --cap CAP_NET_RAW "$ID" sh -c "$caps")
expect_equal "$((0x$more & ~0x$base))" $((1 << 13)) 'what --cap CAP_NET_RAW added'
expect_output "CapInh:	0000000000000000" oci exec "$ID" grep CapInh /proc/self/status
expect_output "NoNewPrivs:	1" oci exec --no-new-privs "$ID" grep NoNewPrivs /proc/self/status

expect_status 0 oci delete --force "$ID"
