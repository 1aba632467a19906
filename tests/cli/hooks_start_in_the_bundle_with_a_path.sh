#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Those of the runtime's namespaces; and no variable of ours passes to them.
. "$TOP/tests/support/lib.sh"

printf '#!/bin/sh\n{ pwd; echo "$PATH"; echo "${SECRET-none}"; } >%s\n' "$TMP/said" >"$TMP/hook"
chmod +x "$TMP/hook"
edit_config --arg hook "$TMP/hook" '.hooks.createRuntime = [{path: $hook}]'
SECRET=1
export SECRET
expect_status 0 run_bundle
expect_equal "$(cat "$TMP/said")" "$BUNDLE
/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
none" 'directory, PATH and the caller'\''s variable'
