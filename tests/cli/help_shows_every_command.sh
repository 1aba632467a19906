#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --help of the program and of each command it lists.
. "$TOP/tests/support/lib.sh"

expect_match '^  create ' oci --help
cp "$TMP/out" "$TMP/help"
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$TMP/help")
[ "$(printf '%s\n' $commands | wc -l)" = 15 ] || fail "commands: $commands"
for command in $commands; do
  expect_match "^Usage: wolffia-oci $command " oci "$command" --help
done
expect_match '^Usage: wolffia-oci exec ' oci help exec
