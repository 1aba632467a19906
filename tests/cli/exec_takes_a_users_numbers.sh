#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --user UID[:GID] and nothing that could be a name or overflow.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
expect_status 0 run_bundle --detach

expect_output '0 0' oci exec --user 0:0 "$ID" sh -c 'echo $(id -u) $(id -g)'
for user in root 4294967295 4294967296 -1 0x0 '' 0: :0 ' 0' 18446744073709551616; do
  expect_error 255 '--user takes UID\[:GID\]' oci exec "--user=$user" "$ID" id
done

expect_status 0 oci delete --force "$ID"
