#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The pid file holds digits only, belongs to the caller's directory, and is there before we return.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
mkdir elsewhere
cd elsewhere
expect_status 0 oci create --bundle "$BUNDLE" --pid-file pid "$ID"
[ -f pid ] || fail 'no pid file in the directory of the caller'
expect_equal "$(tr -d 0-9 <pid | od -An -c)" '' 'what is not a digit in the pid file'
expect_equal "$(cat pid)" "$(oci state "$ID" | jq .pid)" 'the pid'
expect_status 0 oci start "$ID"

expect_status 0 oci exec --detach --pid-file exec-pid "$ID" sleep 1000
expect_equal "$(tr '\0' ' ' <"/proc/$(cat exec-pid)/cmdline")" 'sleep 1000 ' 'the process of the exec'
run oci exec --pid-file failed-pid "$ID" /no/such/program
[ "$status" != 0 ] || fail 'exec of a missing program succeeded'
[ ! -e failed-pid ] || fail 'a failed exec left a pid file'
expect_status 0 oci delete --force "$ID"
