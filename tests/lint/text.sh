#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails on a source file without a licence line, on work left for later, on a path of somebody's machine,
# and on a file that has outgrown what one sitting can read.
set -eu
cd "$(dirname "$0")/../.."

sources() {
  find src overlay net tests bench packaging .ci -type f \
    \( -name '*.[ch]pp' -o -name '*.hpp.in' -o -name '*.sh' -o -name '*.cmake' -o -name CMakeLists.txt \
    -o -name '*.c' -o -name '*.py' -o -perm -u+x \) ! -name '*.json' ! -path '*/seeds/*' ! -path '*/data/*' 2>/dev/null
}

bad=0
complain() { printf '%s:\n%s\n' "$1" "$2"; bad=1; }

found=$(sources | while IFS= read -r file; do
  sed -n 1,2p "$file" | grep -qE '(//|#) SPDX-License-Identifier: Apache-2.0$' || echo "$file"
done)
[ -z "$found" ] || complain "no SPDX line" "$found"

# Spelled so that this file does not find itself.
found=$(sources | xargs grep -nE '\<(TO[D]O|FIX[M]E|XX[X])\>' || true)
[ -z "$found" ] || complain "left for later" "$found"

found=$(grep -rnIE --exclude-dir=build --exclude=.git --exclude-dir=.git '(^|[^[:alnum:]_./-])/(wor[k]|ro[o]t/[a-z]|home/[a-z]+/src)/' . || true)
[ -z "$found" ] || complain "path of one machine" "$found"

# A table may be longer than code: say so here, file and why.
long='
'
found=$(sources | xargs wc -l | awk '$2 != "total" && $1 > 400 { print $1, $2 }' | while read -r lines file; do
  printf '%s\n' "$long" | grep -q "^$file " || echo "$file: $lines lines"
done)
[ -z "$found" ] || complain "longer than 400 lines" "$found"
exit $bad
