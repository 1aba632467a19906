#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run: full
# timeout: 7200
# clang-tidy with every check on every file.
exec "$(dirname "$0")/tidy.sh" "$1" --full
