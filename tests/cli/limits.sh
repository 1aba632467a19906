#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Limits that can't be applied are an error that names them; the caller may ask to go on without.
. "$TOP/tests/support/lib.sh"

edit_config '.linux.resources = {memory: {limit: 33554432}, pids: {limit: 20}}'
run run_bundle
[ "$status" != 0 ] || fail 'limits were ignored'
grep -q memory "$TMP/err" || fail 'the message does not name the limit'
expect_status 0 oci --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
grep -q memory "$TMP/err" || fail 'a limit was dropped without a word'
edit_config '.linux.resources = {devices: [{allow: false, access: "rwm"}]}'
expect_status 0 run_bundle
