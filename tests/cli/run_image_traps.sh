#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An image whose passwd is a FIFO or a link that leads out neither blocks nor shows the host's users.
# run: plain
# run: once
# timeout: 60
. "$TOP/tests/support/lib.sh"

for trap in fifo link directory; do
  make_image
  tree=$(find "$WOLFFIA_STORE/layers" -path '*/tree/etc/passwd')
  rm -f "$tree"
  case $trap in
    fifo) mkfifo "$tree" ;;
    link) ln -s ../../../../../../../../../../../../etc/passwd "$tree" ;;
    directory) mkdir "$tree" ;;
  esac
  expect_error 125 'is not in the image' timeout 20 "$WOLFFIA" run --rm -u "$(id -un)" test true
  expect_match "^Uid:[[:blank:]]5[[:blank:]]" timeout 20 "$WOLFFIA" run --rm -u 5:0 test cat /proc/self/status
  rm -rf "$WOLFFIA_STORE" 2>/dev/null || unshare --map-root-user --map-auto rm -rf "$WOLFFIA_STORE"
done
