#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Where no container can start, the one line that is printed says who knows why.
. "$TOP/tests/support/lib.sh"

mkdir root
enosys=38 eperm=1
expect_error 125 '^wolffia: no container can start here, see "wolffia doctor": user namespaces are not allowed' \
  "$SUPPORT/refuse" "clone3:$enosys,clone&0x10000000:$eperm" "$WOLFFIA" run "$TMP/root" true
