#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Its other traces say that it runs.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID"
pid=$(oci state "$ID" | jq .pid)
state=$(find "$XDG_RUNTIME_DIR" -path "*/$ID/state.json")
echo damage >"$state"
expect_error 1 'damaged' oci state "$ID"
expect_status 0 oci list --format json
expect_equal "$(jq -r --arg id "$ID" '.[] | select(.id == $id) | "\(.status) \(.pid)"' "$TMP/out")" "running $pid" \
  'what list shows'
expect_status 0 oci delete --force "$ID"
