#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Callers read the whole of --log as one record, so only an error is written there unless asked.
. "$TOP/tests/support/lib.sh"

edit_config '.process.capabilities.bounding += ["CAP_UNHEARD_OF"]'
expect_status 0 oci --log "$TMP/quiet" --log-format json run --bundle "$BUNDLE" "$ID"
expect_equal "$(cat "$TMP/quiet")" '' 'the log'
expect_status 0 oci --log "$TMP/loud" --log-format json --log-level warning run --bundle "$BUNDLE" "$ID"
jq -r 'select(.level == "warning").msg' "$TMP/loud" | grep -q CAP_UNHEARD_OF || fail "$(cat "$TMP/loud")"
