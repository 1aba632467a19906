#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The life of a container in the background: run -d, ps, logs, exec, stop, start, wait, kill, rename, rm.
# run: plain
# timeout: 120
. "$TOP/tests/support/lib.sh"

make_image '{"StopSignal": "SIGINT"}'
program='echo out; echo err >&2; trap "exit 3" INT; while :; do sleep 0.05; done'
expect_match '^[0-9a-f]{12}$' wolffia run -d --name web --label tier=front --cidfile "$TMP/cid" test sh -c "$program"
id=$(cat "$TMP/out")
expect_equal "$(cat "$TMP/cid")" "$id" "--cidfile"
expect_output "$id" wolffia ps -q
expect_output "$id" wolffia ps -q --filter label=tier=front
expect_output "" wolffia ps -q --filter label=tier=back
expect_error 125 'the name web is that of container' wolffia run -d --name web test true

has_line() { wolffia logs web 2>&1 | grep -q "^$1$"; }
wait_for 10 has_line out
wait_for 10 has_line err
expect_output out sh -c '"$1" logs web 2>/dev/null' sh "$WOLFFIA"
expect_match '^20[0-9-]*T[0-9:.]*Z out$' wolffia logs -t web

expect_status 4 wolffia exec web sh -c 'exit 4'
expect_output "in /tmp" wolffia exec -e A=in -w /tmp web sh -c 'echo $A $(pwd)'
expect_match 'sleep 0.05|trap' wolffia top web
expect_error 125 'is running: wolffia rm -f' wolffia rm web
expect_status 0 wolffia exec web touch /kept

expect_output web wolffia stop web
expect_output 3 wolffia wait web
expect_output "" wolffia ps -q
expect_equal "$(wolffia ps -a --json | jq -r '.[0] | "\(.name) \(.status) \(.exitCode) \(.pid) \(.labels.tier)"')" \
  "web exited 3 0 front" "ps --json"
expect_error 125 'is not running' wolffia exec web true

expect_output web wolffia start web
expect_status 0 wolffia exec web ls /kept
expect_status 0 wolffia rename web site
expect_output site wolffia ps --names
expect_output site wolffia kill site
expect_output 137 wolffia wait "$id"
expect_equal "$(wolffia inspect site | jq -r .name)" site "the new name"
expect_output site wolffia rm site
expect_output "" wolffia ps -aq
expect_error 125 'there is no container and no image site' wolffia inspect site
[ -z "$(ls -A "$WOLFFIA_STORE/containers")" ] || fail "something is left: $(ls -A "$WOLFFIA_STORE/containers")"

# One that cannot run leaves nothing, and says so as in the foreground.
expect_error 127 '^wolffia: exec: "missing": executable file not found' wolffia run -d test missing
expect_error 126 '^wolffia: exec: "/etc/motd": permission denied' wolffia run -d test /etc/motd
expect_output "" wolffia ps -aq
