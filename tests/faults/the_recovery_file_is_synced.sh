#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The recovery file and its directory are synced where the state lies on a disk, and not in memory.
. "$TOP/tests/support/lib.sh"

# syncs ROOT: the number of fsync calls of a run with its state there.
syncs() {
  expect_status 0 strace -f -q -o "$TMP/trace" -e trace=fsync,fdatasync "$WOLFFIA_OCI" --root "$1" \
    run --bundle "$BUNDLE" "$ID"
  grep -c 'sync(' "$TMP/trace" || true
}

in_memory=$(mktemp -d /dev/shm/wolffia-test.XXXXXX)
trap 'rm -rf "$in_memory"' EXIT
expect_equal "$(syncs "$in_memory")" 0 'the number of syncs in memory'

case $(stat -f -c %T "$TMP") in
  tmpfs | ramfs) expected=0 ;;
  *) expected=2 ;;
esac
expect_equal "$(syncs "$TMP/root")" $expected 'the number of syncs on a disk'
