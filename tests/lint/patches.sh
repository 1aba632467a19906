#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails on a patch of tests/hostile/broken that no longer fits the tree.
set -eu
cd "$(dirname "$0")/../.."

bad=0
for patch in tests/hostile/broken/*.patch; do
  patch --dry-run --strip 1 --forward --silent --input "$patch" >/dev/null || { echo "$patch: does not apply"; bad=1; }
done
exit $bad
