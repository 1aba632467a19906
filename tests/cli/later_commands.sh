#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What this release does not have says so in a sentence.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID"
for command in pause resume update events checkpoint restore; do
  run oci $command "$ID"
  [ "$status" != 0 ] || fail "$command claims to have worked"
  grep -q "$command" "$TMP/err" || fail "the message of $command does not name it"
  expect_equal "$(wc -l <"$TMP/err")" 1 "the number of lines $command says"
done
run oci --systemd-cgroup run --bundle "$BUNDLE" other
[ "$status" != 0 ] || fail '--systemd-cgroup is silently ignored'
expect_status 0 oci delete --force "$ID"
