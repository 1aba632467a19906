#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# timeout: 900
# Usage: tidy.sh BUILD
# Runs clang-tidy on every file of BUILD's compile_commands.json. A file is skipped when the very same text,
# its headers included, passed before under the same rules.
set -eu
build=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
jq -r '.[].file' "$build/compile_commands.json" | grep -F "$top/" | sort -u |
  xargs -P "$(nproc)" -n 1 "$top/tests/support/tidy-one" "$build"
