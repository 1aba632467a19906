#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --log gets one JSON object at the default level, and conmon the sentence.
. "$TOP/tests/support/lib.sh"

expect_error 1 '^wolffia-oci: container .* does not exist$' \
  oci --log "$TMP/log.json" --log-format json state "$ID"
expect_equal "$(wc -l <"$TMP/err")" 1 'the number of lines'
expect_equal "$(jq -r .level "$TMP/log.json")" error 'the level'
expect_equal "wolffia-oci: $(jq -r .msg "$TMP/log.json")" "$(cat "$TMP/err")" 'the message'
jq -r .time "$TMP/log.json" | grep -Eqx '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z' ||
  fail "not RFC 3339: $(cat "$TMP/log.json")"
expect_status 1 oci --log "$TMP/log.txt" state "$ID"
grep -Eqx 'time="[^"]*" level=error msg=".*does not exist"' "$TMP/log.txt" || fail "$(cat "$TMP/log.txt")"
expect_error 1 '^wolffia-oci: --log /nonexistent/log: ' oci --log /nonexistent/log state "$ID"
