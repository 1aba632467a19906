#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --debug shows what will be done, --log-level info what was; neither is there unless asked for.
. "$TOP/tests/support/lib.sh"

expect_status 0 oci --log "$TMP/log" --debug create --bundle "$BUNDLE" "$ID" </dev/null
grep -q 'level=debug msg=.*mount' "$TMP/log" || fail 'no mount of the plan in the log'
grep -q "level=info msg=.*container $ID is created" "$TMP/log" || fail 'the log does not say that it was created'
expect_status 0 oci --log "$TMP/quiet" start "$ID"
[ ! -s "$TMP/quiet" ] || fail 'a record nobody asked for'
expect_status 0 oci delete --force "$ID"
