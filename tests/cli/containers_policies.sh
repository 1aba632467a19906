#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the supervisor does by itself: restarts, rotation of logs, --timeout, --rm; and what it reports when nothing runs.
# run: plain
# run: once
# timeout: 120
. "$TOP/tests/support/lib.sh"

make_image
id=$(wolffia run -d --restart on-failure:2 test sh -c 'echo again; exit 5')
expect_output 5 wolffia wait "$id"
expect_output "again
again
again" wolffia logs "$id"
expect_equal "$(wolffia inspect "$id" | jq .restarts)" 2 "the number of restarts"
expect_status 0 wolffia rm "$id"

id=$(wolffia run -d --restart always test sh -c 'echo again; sleep 0.1')
wait_for 20 sh -c '[ "$("$1" logs "$2" | wc -l)" -ge 2 ]' sh "$WOLFFIA" "$id"
expect_status 0 wolffia stop -t 1 "$id"
expect_match '^[0-9]+$' wolffia wait "$id"
expect_status 0 wolffia rm "$id"

id=$(wolffia run -d --log-opt max-size=4k,max-file=3 test sh -c 'i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i + 1)); done')
expect_output 0 wolffia wait "$id"
expect_output "line 999" wolffia logs --tail 1 "$id"
expect_equal "$(find "$WOLFFIA_STORE/containers/$id" -maxdepth 1 -name 'log*' | wc -l)" 3 "the number of log files"
[ -z "$(find "$WOLFFIA_STORE/containers/$id" -maxdepth 1 -name 'log*' -size +5k)" ] || fail "a log file is too large"
expect_status 0 wolffia rm "$id"

id=$(wolffia run -d --timeout 1 test sh -c "trap 'exit 143' TERM; sleep 60 & wait")
expect_output 143 wolffia wait "$id"
expect_status 0 wolffia rm "$id"

# A program that heeds no signal is killed after its own patience.
id=$(wolffia run -d --stop-timeout 0 --timeout 1 test sleep 60)
expect_output 137 wolffia wait "$id"
expect_status 0 wolffia rm "$id"
id=$(wolffia run -d --stop-timeout 1 test sleep 60)
expect_output "$id" wolffia stop "$id"
expect_output 137 wolffia wait "$id"
expect_output "$id" wolffia start "$id" # with the same patience
expect_output "$id" wolffia stop "$id"
expect_status 0 wolffia rm "$id"

wolffia run -d --rm test sleep 0.2 >/dev/null
wait_for 20 sh -c '[ -z "$(ls "$1/containers")" ]' sh "$WOLFFIA_STORE"
expect_error 127 'executable file not found' wolffia run -d --name none test nothing-of-that-name
expect_output "" wolffia ps -aq
