#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A config.json that is there already is somebody's work.
. "$TOP/tests/support/lib.sh"

mkdir "$TMP/new"
expect_status 0 oci spec --bundle "$TMP/new"
cp "$TMP/new/config.json" "$TMP/first"
expect_error 1 'config\.json exists already' oci spec --bundle "$TMP/new"
cmp "$TMP/first" "$TMP/new/config.json" || fail 'it was changed'
expect_status 0 oci spec --config "$TMP/elsewhere.json"
cmp "$TMP/first" "$TMP/elsewhere.json" || fail 'two defaults'
