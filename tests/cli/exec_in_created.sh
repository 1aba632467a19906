#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# exec works in a container that is created and waits for start.
. "$TOP/tests/support/lib.sh"

set_args /bin/true
edit_config '.hostname = "waiting"'
expect_status 0 oci create --bundle "$BUNDLE" "$ID"
expect_output waiting oci exec "$ID" hostname
expect_equal "$(oci state "$ID" | jq -r .status)" created 'the status after exec'
expect_status 0 oci delete "$ID"
