#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# 127 not found, 126 not executable, in the words Podman looks for.
. "$TOP/tests/support/lib.sh"

set_args frob
expect_error 127 'executable file not found in' run_bundle
set_args /bin/frob
expect_error 127 'no such file or directory' run_bundle
printf 'text\n' >"$BUNDLE/rootfs/text"
set_args /text
expect_error 126 '[Pp]ermission denied' run_bundle
set_args /bin
expect_error 126 '[Pp]ermission denied|[Ii]s a directory' run_bundle
expect_output '' oci list -q
set_args frob
expect_error 127 'executable file not found in' oci create --bundle "$BUNDLE" "$ID"
expect_output '' oci list -q
