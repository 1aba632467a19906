#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A hook that fails before the program runs undoes create; a poststop hook that fails is only told.
. "$TOP/tests/support/lib.sh"

for hook in prestart createRuntime createContainer; do
  edit_config --arg hook $hook '.hooks = {($hook): [{path: "/bin/false"}]}'
  run run_bundle
  [ "$status" != 0 ] || fail "$hook failed and the container ran"
  grep -q "$hook" "$TMP/err" || fail "the message does not name $hook"
  expect_output '' oci list --quiet
done

edit_config '.hooks = {prestart: [{path: "/bin/sleep", args: ["sleep", "1000"], timeout: 1}]}'
run run_bundle
[ "$status" != 0 ] || fail 'a hook ran past its timeout'

edit_config --arg log "$TMP/log" '.hooks = {poststop: [{path: "/bin/false"},
  {path: "/bin/sh", args: ["sh", "-c", "echo second >>\($log)"]}]}'
expect_status 0 run_bundle
grep -q 'warning: .*poststop' "$TMP/err" || fail 'no warning'
expect_equal "$(cat log)" second 'what ran after a poststop hook that failed'
