#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# And those runc adds.
. "$TOP/tests/support/lib.sh"

edit_config '.annotations = {"org.example": "a \"b\"\nc"}'
set_args /bin/sleep 1000
before=$(date -u +%Y-%m-%dT)
expect_status 0 oci create --bundle "$BUNDLE" --pid-file "$TMP/pid" "$ID" </dev/null
expect_status 0 oci state "$ID"
jq -e --arg id "$ID" --arg bundle "$BUNDLE" --argjson pid "$(cat "$TMP/pid")" --arg date "$before" '
  .ociVersion == "1.3.0" and .id == $id and .status == "created" and .pid == $pid and
  .bundle == $bundle and .rootfs == $bundle + "/rootfs" and
  .annotations["org.example"] == "a \"b\"\nc" and (.created | startswith($date) and endswith("Z")) and
  (.owner | length > 0)' "$TMP/out" >"$TMP/jq" || fail "a field is wrong"
expect_status 0 oci start "$ID"
expect_equal "$(container_status)" running 'the status'
expect_status 0 oci kill "$ID" KILL
wait_for 20 has_status stopped
expect_equal "$(oci state "$ID" | jq '.pid // 0')" 0 'the pid of a stopped container'
expect_status 0 oci delete "$ID"
