#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# list and ps, as tables and as JSON.
. "$TOP/tests/support/lib.sh"

expect_output '' oci list --quiet
expect_output '[]' sh -c '"$WOLFFIA_OCI" list --format json | jq -c ". // []"'
set_args /bin/sleep 1000
expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID"
expect_output "$ID" oci list --quiet
expect_match "^$ID +[0-9]+ +running +$BUNDLE" oci list
expect_output "$ID running" sh -c '"$WOLFFIA_OCI" list --format json | jq -r ".[] | \"\(.id) \(.status)\""'

init=$(oci state "$ID" | jq .pid)
expect_output "[$init]" sh -c '"$WOLFFIA_OCI" ps --format json "$ID" | jq -c .'
expect_match "$init.*sleep" oci ps "$ID"
expect_status 0 oci delete --force "$ID"
