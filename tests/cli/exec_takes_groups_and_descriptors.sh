#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --additional-gids adds to the groups of the container's process, and where they cannot be had that is told; --preserve-fds
# passes descriptors, and nothing else reaches the program.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
edit_config '.process.user.additionalGids = [0]'
has_ids && edit_config '.process.user.additionalGids = [7]'
expect_status 0 run_bundle --detach

if has_ids; then
  expect_output '0 7 8 9' oci exec --additional-gids 8 -g 9 "$ID" id -G
  expect_error 255 'additionalGids: does not exist in the container' oci exec --additional-gids 999999 "$ID" id
else
  expect_status 0 oci exec --additional-gids 8 "$ID" true
  grep -q 'warning: --additional-gids: left out, setgroups is denied' "$TMP/err" || fail 'a group was dropped without a word'
fi
expect_error 255 '--additional-gids takes GID in numbers' oci exec --additional-gids wheel "$ID" id

echo three >three
# shellcheck disable=SC2016
expect_output three oci exec --preserve-fds 1 "$ID" sh -c 'cat <&3' 3<three
expect_status 9 oci exec "$ID" sh -c 'cat <&3 || exit 9' 3<three
expect_error 255 'descriptor 4 is not open' oci exec --preserve-fds 2 "$ID" true 3<three
expect_status 0 oci delete --force "$ID"
