#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# timeout: 1500
# Usage: tidy.sh BUILD [--full [FOLDER]]
# Runs clang-tidy on the files of BUILD's compile_commands.json: those of the programs that the newest commits
# changed, without the path analysis that takes two thirds of the time; with --full on all files (of FOLDER) and
# with all checks. A file is skipped when the very same text, its headers included, passed before under the same
# rules. All files would take half an hour where nothing is remembered.
set -eu
build=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
files="^$top/(src|overlay|net)/"
checks='-clang-analyzer-*'
if [ "${2:-}" = --full ]; then files="^$top/${3:-}" checks=''; fi
newest=20
changed() {
  if [ "${1:-}" != --full ] && git -C "$top" rev-parse -q --verify "HEAD~$newest" >/dev/null; then
    git -C "$top" diff --name-only "HEAD~$newest" -- '*.cpp' | sed "s,^,$top/,"
  else
    jq -r '.[].file' "$build/compile_commands.json"
  fi
}
changed "${2:-}" | grep -xF "$(jq -r '.[].file' "$build/compile_commands.json")" | grep -E "$files" | grep -vF "$build/" | sort -u |
  xargs -r -P "$(nproc)" -n 1 "$top/tests/support/tidy-one" "$build" "$checks"
