#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No state, no pid file, no process.
. "$TOP/tests/support/lib.sh"

printf '#!/bin/sh\nexit 1\n' >"$TMP/hook"
chmod +x "$TMP/hook"
edit_config --arg hook "$TMP/hook" '.hooks.createRuntime = [{path: $hook}]'
expect_error 1 'createRuntime\[0\].*exited with status 1' oci create --bundle "$BUNDLE" --pid-file "$TMP/pid" "$ID"
[ ! -e "$TMP/pid" ] || fail 'the pid file is left'
expect_output '' oci list -q
expect_equal "$(find "$XDG_RUNTIME_DIR/wolffia/oci" -name "*$ID*")" '' 'traces in the state root'
