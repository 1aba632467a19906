#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whatever is killed, `rm -f` removes what is left: the supervisor, the runner in the foreground, damaged records.
# run: plain
# timeout: 120
. "$TOP/tests/support/lib.sh"

make_image
runner() { wolffia inspect "$1" >/dev/null && jq .runner.pid "$WOLFFIA_STORE/containers/$1/container.json"; }
is_gone() { ! kill -0 "$1" 2>/dev/null; }
is_running() { [ "$(wolffia ps -q)" = "$1" ]; }

id=$(wolffia run -d test sleep 100)
init=$(wolffia inspect "$id" | jq .pid)
kill -KILL "$(runner "$id")"
wait_for 10 is_running "$id" # it goes on without its supervisor
expect_status 0 wolffia exec "$id" true
expect_output "$id" wolffia stop -t 0 "$id"
expect_output "$id" wolffia start "$id" # what the runtime still had of it is no obstacle
expect_status 0 wolffia exec "$id" true
expect_output "$id" wolffia rm -f "$id"
wait_for 10 is_gone "$init"

wolffia run test sleep 100 &
running=$!
wait_for 10 sh -c '[ -n "$("$1" ps -q)" ]' sh "$WOLFFIA"
id=$(wolffia ps -q)
wait_for 10 sh -c '[ "$("$1" inspect "$2" | jq .pid)" != 0 ]' sh "$WOLFFIA" "$id"
kill -KILL "$running"
wait "$running" 2>/dev/null || true
expect_output "$id" wolffia rm -f "$id"

id=$(wolffia run -d --name damaged test sleep 100)
init=$(wolffia inspect "$id" | jq .pid)
echo '{' >"$WOLFFIA_STORE/containers/$id/container.json"
expect_error 125 'damaged record' wolffia inspect "$id"
expect_output "$id" wolffia rm -f "$id"
wait_for 10 is_gone "$init"
[ -z "$(find "$WOLFFIA_STORE/containers" -mindepth 1 -type d)" ] || fail "something is left"
