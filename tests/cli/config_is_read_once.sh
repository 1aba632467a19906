#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What changes in config.json after `create` changes nothing: runtime-spec runtime.md, "Create".
. "$TOP/tests/support/lib.sh"

set_args /bin/sh -c 'echo before >/tmp/said'
edit_config '.root.readonly = false'
expect_status 0 oci create --bundle "$BUNDLE" "$ID"
set_args /bin/sh -c 'echo after >/tmp/said'
edit_config '.hostname = "other" | del(.mounts)'
expect_status 0 oci start "$ID"
wait_for 10 test -s "$BUNDLE/rootfs/tmp/said"
expect_equal "$(cat "$BUNDLE/rootfs/tmp/said")" before 'what the program wrote'
expect_status 0 oci delete --force "$ID"
