#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# "--log file:PATH" is PATH; what would go to a daemon is refused, and no file is made in its name.
. "$TOP/tests/support/lib.sh"

expect_status 1 oci --log "file:$TMP/log" state "$ID"
grep -q 'does not exist' "$TMP/log" || fail "$(cat "$TMP/log")"

cd "$TMP"
for daemon in journald syslog; do
  expect_error 1 "^wolffia-oci: --log $daemon:box is not in this release: give it the path of a file$" \
    oci --log "$daemon:box" state "$ID"
  expect_equal "$(wc -l <"$TMP/err")" 1 'the number of lines'
  [ ! -e "$daemon:box" ] || fail "$daemon:box was made"
  expect_status 1 oci --log "file:$daemon:box" state "$ID"
  [ -s "$daemon:box" ] || fail "nothing in $daemon:box"
done
