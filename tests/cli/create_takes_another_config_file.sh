#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# crun's --config, relative to the caller.
. "$TOP/tests/support/lib.sh"

set_args /bin/echo bundle
cp "$BUNDLE/config.json" "$TMP/other.json"
sed -i 's/"bundle"/"other"/' "$TMP/other.json"
expect_output other oci run --config other.json --bundle "$BUNDLE" "$ID"
