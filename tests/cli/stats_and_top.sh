#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# stats and top: what containers take, and who is in them, as it is seen inside.
# run: plain
# timeout: 120
. "$TOP/tests/support/lib.sh"

make_image
id=$(wolffia run -d -t --name box --net none test sh -c 'dd if=/dev/zero of=/file bs=64k count=64 2>/dev/null
i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; echo spent; (exec sleep 1000) & exec sleep 1001')
has_two() { [ "$(wolffia top --json box | jq length)" = 2 ]; }
wait_for 30 sh -c '"$1" logs box | grep -q spent' sh "$WOLFFIA"
wait_for 30 has_two

expect_match '^USER +PID +PPID +%CPU +ELAPSED +TTY +TIME +COMMAND$' wolffia top box
expect_match '^root +1 +0 +[0-9.]+ +[0-9]{2}:[0-9]{2}:[0-9]{2} +pts/0 +[0-9:]+ +sleep 1001$' wolffia top box
expect_match '^root +[0-9]+ +1 .* sleep 1000$' wolffia top box
expect_equal "$(wolffia top --json box | jq -r '.[1] | "\(.user) \(.uid) \(.ppid) \(.tty) \(.command | join(" "))"')" \
  "root 0 1 pts/0 sleep 1000" "the second process"
host=$(wolffia top --json box | jq '.[0].hostPid')
expect_equal "$(wolffia inspect box | jq .pid)" "$host" "hostPid"

expect_match '^CONTAINER +NAME +CPU % +MEMORY +NET I/O +BLOCK I/O +PIDS$' wolffia stats
expect_match "^$id +box +[0-9]+\.[0-9]{2} +[0-9.]+ [KM]iB (pss|rss) +0 B / 0 B +.* 2$" wolffia stats box
expect_equal "$(wolffia stats --json | jq -r '.[] | "\(.pids) \(.memoryBytes > 4096) \(.cpuMilliseconds > 0)"')" \
  "2 true true" "stats --json"
expect_equal "$(wolffia stats --json | jq -r '.[0].memorySource')" pss "where memory is known from"

# Another user of the image's, and one that exists nowhere.
expect_status 0 wolffia run -d --name node --user 1000 test sleep 1000
expect_equal "$(wolffia top --json node | jq -r '.[0] | "\(.user) \(.uid)"')" "node 1000" "the user"
expect_status 0 wolffia run -d --name host --net host test sleep 1000
expect_equal "$(wolffia stats --json host | jq -r '.[0].netReceivedBytes')" null "the host's network"
expect_match "the host's" wolffia stats host

expect_status 0 wolffia rm -f node host
expect_output box wolffia stop -t 0 box
expect_error 125 'is not running' wolffia stats box
expect_error 125 'is not running' wolffia top box
expect_output '[]' wolffia stats --json
expect_status 0 wolffia rm box
