#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An unknown command, option or value is an error that repeats it.
. "$TOP/tests/support/lib.sh"

for words in 'frobnicate' 'run --frobnicate x' '--frobnicate list' '--log-format frobnicate list' 'state' 'run a b'; do
  # shellcheck disable=SC2086
  run oci $words
  [ "$status" != 0 ] || fail "accepted: $words"
  [ -s "$TMP/err" ] || fail "refused without a word: $words"
  case $words in
    *frobnicate*) grep -q frobnicate "$TMP/err" || fail "the message does not repeat the word: $words" ;;
  esac
done
