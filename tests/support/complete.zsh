#!/usr/bin/zsh -f
# SPDX-License-Identifier: Apache-2.0
# Usage: complete.zsh COMPLETIONS <LINES
# For each line what zsh would offer at its end, sorted, in one line. An interactive zsh on a terminal of its
# own completes; in place of adding matches to its menu it prints them.
zmodload zsh/zpty

zpty shell zsh -f -i
zpty -w shell "fpath=(${(q)1}/zsh \$fpath); PS1= PS2= RPS1="
zpty -w shell "source ${(q)0:h}/complete_inside.zsh"

# Everything up to a line that ends in $1 (the echo of what was typed does not).
answer() {
  local chunk all=
  while [[ $all != *$'\n'$1[$'\r\n']* ]]; do
    zpty -r shell chunk || exit 1
    all+=$chunk
  done
  print -r -- $all
}

zpty -w shell "print -r -- rea''dy"
answer ready >/dev/null
while IFS= read -r line; do
  zpty -n -w shell "$line"$'\t'
  matches=(${(M)${(f)"$(answer done-completing | tr -d '\r')"}:#match:*})
  matches=(${matches#match:})
  print -r -- "$line => ${(j: :)${(@ou)matches}}"
  zpty -n -w shell $'\x15'
done
