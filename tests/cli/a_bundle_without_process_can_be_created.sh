#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# runtime-spec wants process only when it is started.
. "$TOP/tests/support/lib.sh"

edit_config 'del(.process)'
expect_status 0 oci create --bundle "$BUNDLE" "$ID" </dev/null
expect_equal "$(container_status)" created 'the status'
expect_error 1 'process' oci start "$ID"
expect_status 0 oci delete --force "$ID"
