#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runtime-spec 1.3: it is an error of start.
. "$TOP/tests/support/lib.sh"

printf '#!/bin/sh\nexit 3\n' >"$TMP/hook"
chmod +x "$TMP/hook"
edit_config --arg hook "$TMP/hook" '.hooks.poststart = [{path: $hook}]'
set_args /bin/sleep 1000
expect_status 0 oci create --bundle "$BUNDLE" "$ID" </dev/null
expect_error 1 'poststart\[0\].*exited with status 3' oci start "$ID"
expect_equal "$(container_status)" stopped 'the status'
expect_status 0 oci delete "$ID"
expect_error 1 'poststart' run_bundle
