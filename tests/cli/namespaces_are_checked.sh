#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A type given twice and a path of another type are errors.
. "$TOP/tests/support/lib.sh"

cp "$BUNDLE/config.json" "$TMP/good"
edit_config '.linux.namespaces += [{type: "pid"}]'
expect_error 1 'linux\.namespaces' run_bundle
cp "$TMP/good" "$BUNDLE/config.json"
edit_config '.linux.namespaces |= map(select(.type != "uts")) + [{type: "uts", path: "/proc/self/ns/ipc"}]'
expect_error 1 'uts' run_bundle
cp "$TMP/good" "$BUNDLE/config.json"
edit_config '.linux.namespaces |= map(select(.type != "uts")) | del(.hostname)'
set_args /bin/readlink /proc/self/ns/uts
expect_output "$(readlink /proc/self/ns/uts)" run_bundle
