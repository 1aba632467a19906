#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# process.execCPUAffinity is where processes of exec run, and not the container's first one; final counts.
. "$TOP/tests/support/lib.sh"

show='sed -n "s/^Cpus_allowed_list:[[:space:]]*//p" /proc/self/status'
cpus=$(sh -c "$show")
first=${cpus%%[-,]*}

edit_config ".process.execCPUAffinity = {initial: \"$cpus\", final: \"$first\"}"
set_args sh -c "$show"
expect_output "$cpus" run_bundle
set_args sleep 1000
expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID"
expect_output "$first" oci exec "$ID" sh -c "$show"
expect_status 0 oci delete --force "$ID"

edit_config ".process.execCPUAffinity = {initial: \"$first\"}"
expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID"
expect_output "$first" oci exec "$ID" sh -c "$show"
jq '.process | .args = ["true"] | .execCPUAffinity = {final: "8191"}' "$BUNDLE/config.json" >process.json
expect_error 255 'process.execCPUAffinity: CPUs 8191: sched_setaffinity: Invalid argument' \
  oci exec --process process.json "$ID"
expect_status 0 oci delete --force "$ID"
