#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `state` prints what runtime-spec's runtime.md, "State", asks for.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
edit_config '.annotations = {"org.example.key": "a \"quoted\" value\nin two lines"}'
expect_status 0 oci create --bundle "$BUNDLE" "$ID"
oci state "$ID" >state
expect_equal "$(jq -r .id state)" "$ID" id
expect_equal "$(jq -r .bundle state)" "$BUNDLE" bundle
expect_equal "$(jq -r .rootfs state)" "$BUNDLE/rootfs" rootfs
expect_equal "$(jq -r .status state)" created status
expect_equal "$(jq -r '.annotations["org.example.key"]' state)" 'a "quoted" value
in two lines' annotation
jq -e '.ociVersion | test("^1\\.")' state >/dev/null || fail 'no ociVersion'
jq -e '.created | fromdateiso8601? // sub("\\.[0-9]+"; "") | tostring | length > 0' state >/dev/null || fail 'no time'
jq -e '.pid > 1' state >/dev/null || fail 'no pid'
expect_status 0 oci delete --force "$ID"
