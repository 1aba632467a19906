#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# exec: the program's status passes through, its namespaces are the container's, our own failure is 255.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
edit_config '.hostname = "inside"'
expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID"
expect_output inside oci exec "$ID" hostname
expect_output '1' oci exec "$ID" sh -c 'cat /proc/1/cmdline | tr "\0" "\n" | grep -c sleep'
for code in 0 3 255; do
  expect_status $code oci exec "$ID" sh -c "exit $code"
done
expect_status 143 oci exec "$ID" sh -c 'kill -TERM $$'
expect_output '/tmp' oci exec --cwd /tmp "$ID" pwd
expect_error 255 '.' oci exec --cwd /no/such/directory "$ID" true
expect_output 'piped' sh -c 'echo piped | "$WOLFFIA_OCI" exec "$ID" cat'
expect_status 0 oci delete --force "$ID"
expect_error 255 'does not exist' oci exec "$ID" true
