#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run: plain
# A caller that sees a container in `state` may start it, though `create` has not ended yet.
. "$TOP/tests/support/lib.sh"

mkfifo "$TMP/gate"
printf '#!/bin/sh\nexec 3<&0 <%s\nread word\n' "$TMP/gate" >"$TMP/hook"
chmod +x "$TMP/hook"
edit_config --arg hook "$TMP/hook" '.hooks.createRuntime = [{path: $hook}]'
set_args sh -c 'echo started'

oci create --bundle "$BUNDLE" "$ID" >"$TMP/said" 2>"$TMP/create-said" </dev/null &
creator=$!
wait_for 30 has_status creating
oci start "$ID" 2>"$TMP/start-said" &
starter=$!
echo go >"$TMP/gate"
wait $creator || fail "create: $(cat "$TMP/create-said")"
wait $starter || fail "start: $(cat "$TMP/start-said")"
wait_for 30 has_status stopped
expect_equal "$(cat "$TMP/said")" started 'what the program said'
oci delete "$ID"
