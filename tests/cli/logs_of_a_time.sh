#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# logs prints what came in a time, and the last lines of it.
# run: plain
# timeout: 60
. "$TOP/tests/support/lib.sh"

make_image
mkdir gate
expect_status 0 wolffia run -d --name log -v "$TMP/gate:/gate" test sh -c \
  'echo first; until [ -e /gate/go ]; do sleep 0.02; done; echo second'
has_first() { [ "$(wolffia logs log)" = first ]; }
wait_for 10 has_first
when=$(wolffia logs -t log | cut -d' ' -f1)
touch gate/go
expect_output 0 wolffia wait log
# One that has ended is printed, and not waited for.
expect_output "$(printf 'first\nsecond')" wolffia logs -f log
expect_output "$(printf 'first\nsecond')" wolffia logs --since "$when" log
expect_output "$(printf 'first\nsecond')" wolffia logs --since 1h log
expect_output second wolffia logs -n 1 log
expect_output first wolffia logs --until "$when" log
expect_output "" wolffia logs --since 2200-01-01 log
expect_output "" wolffia logs --until 1h log
expect_output second wolffia logs --since 1h -n 1 log
expect_output "$(printf 'first\nsecond')" wolffia logs --tail all log
expect_error 125 '--since "yesterday" must be a time in UTC' wolffia logs --since yesterday log
expect_status 0 wolffia rm log
