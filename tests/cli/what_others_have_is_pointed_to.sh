#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Commands of podman and docker that are not here say what to use instead, in one line; help shows examples.
# run: plain
. "$TOP/tests/support/lib.sh"

image() { "$WOLFFIA_IMAGE" "$@"; }

for command in build create restart container image volume network info system; do
  expect_error 125 "^wolffia: $command is not in this release: " wolffia "$command" ls
  expect_equal "$(wc -l <"$TMP/err")" 1 'the number of lines'
done
expect_error 1 '^wolffia-image: --password is not in this release: .*--password-stdin' \
  image login -u ana -p secret localhost:1
expect_match '^Examples:$' wolffia run --help
expect_match '^  wolffia-image load -i ' wolffia load --help
