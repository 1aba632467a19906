#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The user of an image, and --user, are looked up in the image's own files; with one id it gets that number inside.
# run: plain
# timeout: 120
. "$TOP/tests/support/lib.sh"

make_image '{"User": "node"}'
expect_output "1000 1000" wolffia run --rm test sh -c 'echo $(id -u) $(id -g)'
expect_output "0 0" wolffia run --rm -u root test sh -c 'echo $(id -u) $(id -g)'
expect_output "1000 0" wolffia run --rm -u node:root test sh -c 'echo $(id -u) $(id -g)'
expect_error 125 'the user "nobody" is not in the image' wolffia run --rm -u nobody test true
expect_error 125 '"4294967296" is no id' wolffia run --rm -u 4294967296 test true
expect_output "$(id -u) $(id -g)" wolffia run --rm --userns keep-id test sh -c 'echo $(id -u) $(id -g)'
expect_output "0 0" wolffia run --rm --userns root test sh -c 'echo $(id -u) $(id -g)'

# Whom the image does not know has a name all the same, and can read what is made for everybody.
expect_output "4321 4321" wolffia run --rm -u 4321 test sh -c 'echo $(id -un) $(grep -c . /etc/passwd >/dev/null && id -u)'
expect_match '^4321:x:4321:0::/:/bin/sh$' wolffia run --rm -u 4321 test cat /etc/passwd
expect_match '^127.0.0.1' wolffia run --rm -u 4321 test cat /etc/hosts
expect_match "^[^:]*:x:$(id -u):$(id -g)::" wolffia run --rm --userns keep-id test cat /etc/passwd
if has_ids; then
  expect_output "node" wolffia run --rm -u root test stat -c %U /home/node/file
  expect_output "node wheel" wolffia run --rm test id -Gn
fi

# What it writes to a directory of ours is ours.
mkdir "$TMP/mine"
expect_status 0 wolffia run --rm --userns keep-id -v "$TMP/mine:/mine" test touch /mine/file
expect_equal "$(stat -c %u "$TMP/mine/file")" "$(id -u)" "the owner of a file made inside"
