#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An image that stands in no index is taken whatever --platform says, and that it is another is told. What was imported
# here is for every machine of this architecture.
# run: plain
# timeout: 60
. "$TOP/tests/support/lib.sh"

image() { "$WOLFFIA_IMAGE" "$@"; }

make_image
grep -q 'is an image for' "$TMP/err" 2>/dev/null && fail "told of the right platform"
foreign='is an image for linux/amd64 and not for linux/arm64$'
run image pull -q --platform linux/arm64 "oci:$TMP/layout"
expect_equal "$status" 0 "the status of a foreign pull"
grep -q "$foreign" "$TMP/err" || fail "pull is silent: $(cat "$TMP/err")"
run wolffia run --rm --platform arm64 "oci:$TMP/layout" true
grep -q "$foreign" "$TMP/err" || fail "run is silent: $(cat "$TMP/err")"
run image pull -q "oci:$TMP/layout"
grep -q 'is an image for' "$TMP/err" && fail "pull tells of this platform: $(cat "$TMP/err")"

mkdir root && tar -cf root.tar root
expect_status 0 image import -q root.tar made
expect_equal "$(wolffia inspect made | jq -r '.architecture + .variant')" amd64 "what an import is for"
