#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `wolffia run BUNDLE` runs it as it is written: what only a container in the store can have is refused, not ignored.
# run: plain
. "$TOP/tests/support/lib.sh"

for option in --detach --name=x --label=a=b --cidfile="$TMP/cid" --timeout=5 --log-opt=max-size=1k --init --user=1; do
  expect_error 125 "${option%%=*} is not for a bundle" wolffia run "$option" "$BUNDLE" true
done
expect_error 125 '--restart is not for a bundle' wolffia run --restart=always "$BUNDLE" true
expect_status 0 wolffia run --rm "$BUNDLE" true
[ ! -e "$TMP/cid" ] || fail "the file of --cidfile was made"
