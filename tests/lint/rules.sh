#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Usage: tests/lint/rules.sh
# Every test that tests/image/RULES.md and packaging/doc/COMPATIBILITY.md name is there, and every rule there names one.
set -eu
cd "$(dirname "$0")/../.."
status=0
tests=$(grep -rhoE '^(TEST|TEST_F|TEST_P)\([A-Za-z_0-9]+, *[a-z_0-9]+' tests --include='*.cpp' |
  sed 's/^[A-Z_]*(//; s/, */./')

complain() {
  echo "$rules: $*" >&2
  status=1
}

# check FILE LEAST: it names at least so many tests.
check() {
  rules=$1
  named=$(grep '^|' "$rules" | cut -d'|' -f3 | grep -o '`[A-Za-z0-9_]*[./][A-Za-z0-9_./]*`' | tr -d '`' | sort -u)
  [ "$(echo "$named" | wc -l)" -ge "$2" ] || complain "too few tests are named: is its form another?"
  for name in $named; do
    case $name in
      */*) [ -f "tests/$name" ] || complain "there is no tests/$name" && continue ;;
    esac
    echo "$tests" | grep -qxF "$name" && continue
    script=$(ls tests/*/"${name%%.*}".py 2>/dev/null || true)
    [ -n "$script" ] && grep -qE "def ${name#*.}\(|\"${name#*.}\"" "$script" && continue
    complain "there is no test $name"
  done
  if grep '^| [^|]* | *|$' "$rules"; then complain "a rule without a test"; fi
}

check tests/image/RULES.md 100
check packaging/doc/COMPATIBILITY.md 60
exit $status
