#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A program that is missing is 127, one that can't be executed 126, in the words callers look for, and nothing
# stays behind.
. "$TOP/tests/support/lib.sh"

set_args /no/such/program
expect_error 127 'no such file or directory|executable file not found' run_bundle
set_args nosuchprogram
expect_error 127 'executable file not found in' run_bundle

touch "$BUNDLE/rootfs/plain"
set_args /plain
expect_error 126 '[Pp]ermission denied' run_bundle
mkdir "$BUNDLE/rootfs/directory"
set_args /directory
expect_error 126 '[Pp]ermission denied|[Ii]s a directory' run_bundle
expect_output '' oci list --quiet
