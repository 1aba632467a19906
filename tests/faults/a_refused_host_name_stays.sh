#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Inside of a container whose filter refuses sethostname(2), as those of the engines do, a run keeps the name there is and
# says so. A name that was asked for is an error.
. "$TOP/tests/support/lib.sh"

eperm=1
expect_output "$(uname -n)" "$SUPPORT/refuse" sethostname:$eperm "$WOLFFIA" run "$BUNDLE/rootfs" uname -n
grep -q 'hostname: stays that of the machine' "$TMP/err" || fail 'it is not told'
expect_error 125 'hostname: sethostname: Operation not permitted' \
  "$SUPPORT/refuse" sethostname:$eperm "$WOLFFIA" run --hostname box "$BUNDLE/rootfs" uname -n
