#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `wolffia run IMAGE` where the container's root could write to our programs: the container's parent is a sealed copy of
# wolffia-oci in memory, never a file that could be changed; all else is as ever.
# run: plain
# timeout: 120
. "$TOP/tests/support/lib.sh"

mkdir "$HOME/bin"
cp "$WOLFFIA" "$WOLFFIA_OCI" "$WOLFFIA_IMAGE" "$HOME/bin"
WOLFFIA=$HOME/bin/wolffia
make_image '{"Cmd": ["sleep", "1000"]}'

expect_output "hello" wolffia run --rm test cat /etc/motd
expect_status 7 wolffia run --rm test sh -c 'exit 7'
expect_error 127 '"nosuch": executable file not found' wolffia run --rm test nosuch
expect_error 125 'outside the root file system|is not a directory|Not a directory' wolffia run --rm -w /etc/motd test true

wolffia run --name home test &
pid_of() { wolffia inspect home 2>/dev/null | jq .pid; }
runs() { [ "$(pid_of)" -gt 0 ] 2>/dev/null; }
wait_for 20 runs
parent=$(sed 's/.*) . \([0-9]*\) .*/\1/' "/proc/$(pid_of)/stat")
expect_equal "$(readlink "/proc/$parent/exe")" "/memfd:wolffia-oci (deleted)" "the program that looks after the container"
wolffia rm -f home >/dev/null
wait $! || true
[ -z "$(ls "$WOLFFIA_STORE/containers")" ] || fail "something is left: $(ls "$WOLFFIA_STORE/containers")"
