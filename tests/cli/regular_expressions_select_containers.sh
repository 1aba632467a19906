#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill --regex and delete --regex, as crun has them.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
for name in one two other; do
  expect_status 0 oci create --bundle "$BUNDLE" "$ID-$name" </dev/null
done
expect_error 1 'no container matches "nothing"' oci kill --regex nothing KILL
expect_status 0 oci kill --regex "^$ID-(one|two)$" KILL
wait_for 20 has_status stopped "$ID-one"
wait_for 20 has_status stopped "$ID-two"
expect_equal "$(container_status "$ID-other")" created 'the status'
expect_status 0 oci delete --force --regex "^$ID-"
expect_output '' oci list -q
expect_error 1 'regular expression|\(' oci delete --regex '('
