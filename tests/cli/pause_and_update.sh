#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Without a cgroup nothing is paused, and limits change while a container is stopped; with one: tests/vm/suite/run_limits.sh
# run: plain
. "$TOP/tests/support/lib.sh"

make_image
expect_match . wolffia run -d --name box --net none test sleep 1000
expect_error 125 "^wolffia: container [0-9a-f]+ has no cgroup, and only one can pause it: " wolffia pause box
expect_error 125 "^wolffia: container [0-9a-f]+ is not paused$" wolffia unpause box
expect_status 0 wolffia unpause --all
expect_error 125 "^wolffia: container [0-9a-f]+ has no cgroup, so its limits stay what they are" wolffia update --memory 64m box
expect_equal "$(wolffia inspect box | jq -c .updated)" '[]' 'what a refused update changed'

expect_error 125 '^wolffia: update needs --memory, --cpus or --pids-limit' wolffia update box
expect_error 125 '^wolffia: --memory "x" must be a size' wolffia update --memory x box
expect_error 125 '^wolffia: --cpus "x" must be a number' wolffia update --cpus x box
expect_error 125 '^wolffia: --pids-limit "-2" must be a number' wolffia update --pids-limit -2 box
expect_error 125 'pause takes --all or containers, not both' wolffia pause --all box
expect_error 125 'pause needs the name or id of a container, or --all' wolffia pause

expect_output box wolffia stop -t 0 box
expect_error 125 'is not running: wolffia start' wolffia pause box
expect_output box wolffia update --memory 64m --cpus 1 box
expect_output box wolffia update --cpus 0 --pids-limit 50 box
expect_equal "$(wolffia inspect box | jq -c .updated)" '["--memory=64m","--cpus=0","--pids-limit=50"]' 'what was changed'
expect_match '^limit .*RLIMIT_DATA 67108864:67108864|^limit +cgroup.* --memory' wolffia explain box
expect_status 0 wolffia start box
if wolffia inspect box | jq -e '.status == "running"' >/dev/null; then :; else fail 'it does not run'; fi
expect_status 0 wolffia rm -f box
