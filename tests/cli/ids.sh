#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An id is letters, digits and _+-. and never a directory.
. "$TOP/tests/support/lib.sh"

for bad in . .. a/b ../x 'a b' '' "$(printf 'a\nb')" 'a@b' '%2e' \
  "$(printf 'x%.0s' $(seq 300))"; do
  run oci run --bundle "$BUNDLE" -- "$bad"
  [ "$status" != 0 ] || fail "the id \"$bad\" was accepted"
  expect_equal "$(wc -l <"$TMP/err")" 1 "the number of lines about the id \"$bad\""
done
for good in a A.b_c+d-e 0; do
  expect_status 0 oci run --bundle "$BUNDLE" $good
done
