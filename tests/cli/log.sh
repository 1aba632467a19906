#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --log with --log-format json holds the error as one JSON object, as Podman and containerd's shim read it.
. "$TOP/tests/support/lib.sh"

set_args nosuchprogram
run oci --log "$TMP/log" --log-format json run --bundle "$BUNDLE" "$ID"
expect_equal "$(wc -l <log)" 1 'the number of records'
expect_equal "$(jq -r .level log)" error level
jq -e '.msg | test("executable file not found in")' log >/dev/null || fail "msg: $(cat log)"
jq -e '.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T")' log >/dev/null || fail "time: $(cat log)"
[ -s "$TMP/err" ] || fail 'nothing on stderr'
