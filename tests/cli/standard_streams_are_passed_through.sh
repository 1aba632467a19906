#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run: once
# Without a terminal the program has the caller's own streams, also where they were closed.
. "$TOP/tests/support/lib.sh"

set_args /bin/sh -c 'cat; echo err >&2'
printf 'in\n' | oci run --bundle "$BUNDLE" "$ID" >"$TMP/o" 2>"$TMP/e" || fail 'run'
expect_equal "$(cat "$TMP/o")" in 'standard output'
expect_equal "$(cat "$TMP/e")" err 'standard error'
set_args /bin/sh -c 'for fd in 0 1 2; do seen="$seen$(readlink /proc/$$/fd/$fd) "; done; echo "$seen" >/seen'
edit_config '.root.readonly = false'
oci run --bundle "$BUNDLE" "$ID" <&- >&- 2>&- || fail 'run with closed streams'
expect_equal "$(cat "$BUNDLE/rootfs/seen")" '/dev/null /dev/null /dev/null ' 'what the closed streams became'
