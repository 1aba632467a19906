#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Usage: tests/lint/rules.sh
# Every test that tests/image/RULES.md names is there, and every rule there names one.
set -eu
cd "$(dirname "$0")/../.."
rules=tests/image/RULES.md
status=0

complain() {
  echo "$rules: $*" >&2
  status=1
}

named=$(grep '^|' $rules | cut -d'|' -f3 | grep -o '`[A-Za-z0-9_]*\.[a-z0-9_]*`' | tr -d '`' | sort -u)
[ "$(echo "$named" | wc -l)" -ge 100 ] || complain "too few tests are named: is its form another?"
tests=$(grep -rhoE '^(TEST|TEST_F|TEST_P)\([A-Za-z_0-9]+, *[a-z_0-9]+' tests --include='*.cpp' |
  sed 's/^[A-Z_]*(//; s/, */./')
for name in $named; do
  echo "$tests" | grep -qxF "$name" && continue
  script=$(ls tests/*/"${name%%.*}".py 2>/dev/null || true)
  [ -n "$script" ] && grep -qE "def ${name#*.}\(|\"${name#*.}\"" "$script" && continue
  complain "there is no test $name"
done
grep '^| [^|]* | *|$' $rules && complain "a rule without a test"
exit $status
