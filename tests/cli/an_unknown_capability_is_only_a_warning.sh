#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# runtime-spec config.md: warn and go on.
. "$TOP/tests/support/lib.sh"

edit_config '.process.capabilities.bounding += ["CAP_UNHEARD_OF"] | .process.capabilities.ambient = ["CAP_KILL"]'
expect_status 0 run_bundle
grep -q 'warning: .*CAP_UNHEARD_OF' "$TMP/err" || fail 'no warning of the unknown one'
grep -q 'warning: .*CAP_KILL' "$TMP/err" || fail 'no warning that ambient is not in inheritable'
