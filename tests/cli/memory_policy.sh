#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# linux.memoryPolicy is that of the container's first process and of those that join it.
. "$TOP/tests/support/lib.sh"

[ -e /proc/self/numa_maps ] || skip 'the kernel has no NUMA: /proc/self/numa_maps is missing'
policies='cut -d " " -f 2 /proc/self/numa_maps | sort -u'
edit_config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
set_args sh -c "$policies"
expect_output 'bind=static:0' run_bundle

set_args sleep 1000
expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID"
expect_status 0 oci exec "$ID" sh -c "$policies"
expect_equal "$(cat "$TMP/out")" 'bind=static:0' 'the policy of exec'
expect_status 0 oci delete --force "$ID"

edit_config '.linux.memoryPolicy = {mode: "MPOL_BIND"}'
expect_error 1 'linux.memoryPolicy: nodes none: set_mempolicy: Invalid argument' run_bundle
