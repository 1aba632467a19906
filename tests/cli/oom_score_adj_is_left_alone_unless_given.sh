#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# And rootless it can only be raised.
. "$TOP/tests/support/lib.sh"

set_args /bin/cat /proc/self/oom_score_adj
expect_output "$(cat /proc/self/oom_score_adj)" run_bundle
edit_config '.process.oomScoreAdj = 1000'
expect_output 1000 run_bundle
edit_config '.process.oomScoreAdj = -1000'
expect_output "$(cat /proc/self/oom_score_adj)" run_bundle
grep -q 'warning: process.oomScoreAdj -1000 is not applied: without privileges it can only be raised' "$TMP/err" ||
  fail 'it was dropped without a word'
