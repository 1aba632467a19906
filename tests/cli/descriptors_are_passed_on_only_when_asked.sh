#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --preserve-fds and LISTEN_FDS; nothing else reaches the program.
. "$TOP/tests/support/lib.sh"

set_args /bin/sh -c 'cat <&3 || exit 9; echo "$LISTEN_FDS,$LISTEN_PID"'
echo three >"$TMP/three"
expect_status 9 run_bundle 3<"$TMP/three"
expect_output "three
," run_bundle --preserve-fds 1 3<"$TMP/three"
LISTEN_FDS=1 expect_output "three
1,1" run_bundle 3<"$TMP/three"
LISTEN_FDS=1 LISTEN_PID=1 expect_status 9 run_bundle 3<"$TMP/three"
expect_error 1 'descriptor 4 is not open' run_bundle --preserve-fds 2 3<"$TMP/three"
