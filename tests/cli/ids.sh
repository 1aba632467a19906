#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An id is letters, digits and _+-. and never a directory.
. "$TOP/tests/support/lib.sh"

for bad in . .. a/b ../x 'a b' '' "$(printf 'a\nb')" 'a@b' '%2e'; do
  run oci run --bundle "$BUNDLE" "$bad"
  [ "$status" != 0 ] || fail "the id \"$bad\" was accepted"
  [ -s "$TMP/err" ] || fail "the id \"$bad\" was refused without a word"
done
for good in a A.b_c+d-e 0; do
  expect_status 0 oci run --bundle "$BUNDLE" $good
done
