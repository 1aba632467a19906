#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Usage: complete.bash COMPLETIONS <LINES
# For each line what bash would offer at its end, sorted, in one line.
set -u
for program in wolffia wolffia-image wolffia-net wolffia-oci wolffia-overlay; do source "$1/bash/$program" || exit 1; done
compopt() { :; }  # outside of readline it only complains

while IFS= read -r line; do
  # Readline's words: "=" and ":" are words of their own. See COMP_WORDBREAKS in bash(1).
  COMP_LINE=$line COMP_POINT=${#line}
  line_of_words=${line//=/ = }
  read -ra COMP_WORDS <<<"${line_of_words//:/ : }"
  if [[ $line == *' ' ]]; then COMP_WORDS+=(''); fi
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  set +u  # the word behind the last one is looked at
  "_${COMP_WORDS[0]//-/_}"
  set -u
  kept=  # Readline replaces only what stands behind the last ":"
  if [[ ${line##* } == *:* ]]; then
    kept=${line##* }
    kept=${kept%"${kept##*:}"}
  fi
  COMPREPLY=("${COMPREPLY[@]/#/"$kept"}")
  offered=$(printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort -u | paste -sd ' ')
  printf '%s => %s\n' "$line" "$offered"
done
