#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# timeout: 1500
# Usage: tidy.sh BUILD [--full [FOLDER]]
# Runs clang-tidy on the files of BUILD's compile_commands.json: those of the programs, without the path
# analysis that takes two thirds of the time; with --full on all files (of FOLDER) and with all checks. A file
# is skipped when the very same text, its headers included, passed before under the same rules.
set -eu
build=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
files="^$top/(src|overlay|net)/"
checks='-clang-analyzer-*'
if [ "${2:-}" = --full ]; then files="^$top/${3:-}" checks=''; fi
jq -r '.[].file' "$build/compile_commands.json" | grep -E "$files" | grep -vF "$build/" | sort -u |
  xargs -P "$(nproc)" -n 1 "$top/tests/support/tidy-one" "$build" "$checks"
