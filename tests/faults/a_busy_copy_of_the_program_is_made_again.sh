#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The kernel refuses to seal a copy while it holds one of its pages for itself (EBUSY).
. "$TOP/tests/support/lib.sh"

cp "$WOLFFIA_OCI" own  # its owner could write to it, so that it runs from a sealed copy
set_args /bin/true
inject() { "$SUPPORT/inject" "$@" -- ./own --root "$TMP/root" run --bundle "$BUNDLE" "$ID"; }

sendfile=40 fchmod=91 fcntl=72  # of x86-64
inject record >"$TMP/calls" 2>&1
place=$(awk -v copied=$sendfile -v made=$fchmod -v sealed=$fcntl '
  $3 == copied { process = $1; next }
  process != "" && $1 == process && $3 == made { ready = 1; next }
  ready && $1 == process && $3 == sealed { print $1, $2; exit }' "$TMP/calls")
[ -n "$place" ] || fail 'no sealed copy is made'

# shellcheck disable=SC2086 # two words
expect_status 0 inject $place EBUSY
grep -q "^hit $fcntl\$" "$TMP/err" || fail "the fault was not reached: $(cat "$TMP/err")"
# shellcheck disable=SC2086
expect_status 1 inject $place EMFILE
