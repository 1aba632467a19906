#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run: once
# It names the file, the field, or the line and column.
. "$TOP/tests/support/lib.sh"

one_sentence() {
  expect_error 1 "^wolffia-oci: .*$1" oci run --bundle "$BUNDLE" "$ID"
  expect_equal "$(wc -l <"$TMP/err")" 1 'the number of lines'
}
cp "$BUNDLE/config.json" "$TMP/good"
edit_config '.process.args = "sh"'
one_sentence 'process\.args'
printf '{\n  "ociVersion": 1.0.0\n}\n' >"$BUNDLE/config.json"
one_sentence 'line 2'
cp "$TMP/good" "$BUNDLE/config.json"
edit_config '.root.path = "nowhere"'
one_sentence 'nowhere'
edit_config --arg name "$(printf '%065d' 0)" '.hostname = $name'
one_sentence 'hostname must have at most 64 bytes'
printf 'x' >"$TMP/other"
expect_error 1 "^wolffia-oci: $TMP/other: the text is not valid JSON" oci run --bundle "$BUNDLE" --config "$TMP/other" "$ID"
rm "$BUNDLE/config.json"
one_sentence 'config\.json'
expect_error 1 '/nonexistent' oci run --bundle /nonexistent "$ID"
expect_output '' oci list -q
