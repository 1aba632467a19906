#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs shellcheck on every shell script.
set -eu
cd "$(dirname "$0")/../.."
grep -rlIE --exclude-dir=build --exclude-dir=.git '^#!/bin/(ba)?sh$|^# shellcheck shell=' . |
  xargs shellcheck --severity=warning --external-sources --exclude=SC1090,SC1091
