#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails when clang-format would change a file. To mend: clang-format -i FILE.
set -eu
cd "$(dirname "$0")/../.."
find src overlay net tests bench -name '*.[ch]pp' -print0 2>/dev/null |
  xargs -0 clang-format --dry-run --Werror --style=file
