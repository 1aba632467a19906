#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Everything behind the id belongs to it.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
expect_status 0 run_bundle --detach

expect_output '-l --tty -e' oci exec "$ID" echo -l --tty -e
expect_output '-- x' oci exec -- "$ID" echo -- x

expect_status 0 oci delete --force "$ID"
