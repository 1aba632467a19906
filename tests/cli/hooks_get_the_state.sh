#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# On standard input; one that does not read it is no failure.
. "$TOP/tests/support/lib.sh"

printf '#!/bin/sh\ncat >%s\n' "$TMP/state" >"$TMP/reads"
printf '#!/bin/sh\nexec <&-\nexit 0\n' >"$TMP/closes"
chmod +x "$TMP/reads" "$TMP/closes"
edit_config --arg tmp "$TMP" '.annotations = {big: ("x" * 100000)} |
  .hooks.createRuntime = [{path: "\($tmp)/reads"}, {path: "\($tmp)/closes"}] |
  .hooks.poststop = [{path: "\($tmp)/closes"}]'
expect_status 0 oci create --bundle "$BUNDLE" --pid-file "$TMP/pid" "$ID" </dev/null
expect_equal "$(jq -r .status "$TMP/state")" creating 'the status'
expect_equal "$(jq -r .id "$TMP/state")" "$ID" 'the id'
expect_equal "$(jq -r .pid "$TMP/state")" "$(cat "$TMP/pid")" 'the pid'
expect_equal "$(jq -r .bundle "$TMP/state")" "$BUNDLE" 'the bundle'
expect_status 0 oci delete --force "$ID"
