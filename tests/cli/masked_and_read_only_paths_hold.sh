#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files become empty, directories empty and read-only; what is not there is no error.
. "$TOP/tests/support/lib.sh"

mkdir "$BUNDLE/rootfs/secrets" "$BUNDLE/rootfs/fixed"
echo secret >"$BUNDLE/rootfs/secret"
echo secret >"$BUNDLE/rootfs/secrets/file"
edit_config '.root.readonly = false |
  .linux.maskedPaths += ["/secret", "/secrets", "/secret", "/not/there"] |
  .linux.readonlyPaths += ["/fixed", "/not/there/either"]'
set_args /bin/sh -c 'cat /secret; ls -A /secrets; touch /secrets/x 2>/dev/null; touch /fixed/x 2>/dev/null
  touch /free && echo done'
expect_output 'done' run_bundle
