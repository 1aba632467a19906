#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `wolffia run IMAGE`: the image's layers, program, variables, directory and user are those of its config; what is
# changed stays in the container.
# run: plain
# timeout: 120
. "$TOP/tests/support/lib.sh"

make_image '{"Cmd": ["sh", "-c", "echo cmd $A; pwd"], "Env": ["A=image"], "WorkingDir": "/new/dir"}'
expect_output "cmd image
/new/dir" wolffia run --rm localhost/test
expect_output "hello" wolffia run --rm test cat /etc/motd
expect_status 1 wolffia run --rm test ls /gone
expect_output "cmd mine
/" wolffia run --rm -e A=mine -w / test
expect_output "x y" wolffia run --rm --entrypoint echo test x y
expect_status 7 wolffia run --rm test sh -c 'exit 7'
expect_status 0 wolffia run --rm test sh -c 'rm /etc/motd; touch /mine'
expect_output "hello" wolffia run --rm "$(cat "$TMP/image-id")" sh -c 'cat /etc/motd; ls /mine 2>/dev/null || true'
[ -z "$(ls "$WOLFFIA_STORE/containers")" ] || fail "something is left: $(ls "$WOLFFIA_STORE/containers")"

# Without the image, and without asking anybody for it.
expect_error 125 'there is no image other in the store' wolffia run --pull never other
