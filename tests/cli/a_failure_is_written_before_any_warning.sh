#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# conmon shows what it reads first from standard error: that has to be why it failed.
. "$TOP/tests/support/lib.sh"

edit_config '.process.capabilities.bounding += ["CAP_UNHEARD_OF"]'
set_args frob
for command in create run; do
  expect_error 127 'warning: .*CAP_UNHEARD_OF' oci $command --bundle "$BUNDLE" "$ID"
  sed -n 1p "$TMP/err" | grep -q 'executable file not found in' || fail 'the failure is not the first line'
done

set_args /bin/sh -c 'echo running >&2'
expect_status 0 run_bundle
sed '/^running$/q' "$TMP/err" | grep -q 'warning: .*CAP_UNHEARD_OF' || fail 'the warning does not come before the program'
