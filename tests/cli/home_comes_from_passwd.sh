#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Of the target user inside, where it is empty or unset; the last duplicate of a variable wins.
. "$TOP/tests/support/lib.sh"

mkdir -p "$BUNDLE/rootfs/etc"
echo 'root:x:0:0::/the/home:/bin/sh' >"$BUNDLE/rootfs/etc/passwd"
set_args /bin/sh -c 'echo "$HOME"; echo "$TWICE"; echo "$LINES_OF"'
edit_config '.process.env += ["TWICE=1", "TWICE=2", "LINES_OF=a\nb"]'
expect_output "/the/home
2
a
b" run_bundle
edit_config '.process.env += ["HOME="]'
expect_match '^/the/home$' run_bundle
edit_config '.process.env += ["HOME=/given"]'
expect_match '^/given$' run_bundle
