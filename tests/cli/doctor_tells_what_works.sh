#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A run of the doctor: for people, for programs, and quick.
. "$TOP/tests/support/lib.sh"
. "$TOP/tests/support/doctor.sh"

expect_match '^Containers run here:$' "$WOLFFIA" doctor
expect_equal "$(wc -c <"$TMP/err")" 0 'the number of bytes on standard error'

# What the manual page promises of the JSON, and nothing else.
expect_status 0 doctor
cp "$TMP/out" "$TMP/json"
expect_output '["canRun","checked","findings","schema","store","version","works"]' jq -c keys "$TMP/json"
expect_output '["ids","images","limits","network","proc"]' jq -c '.works | keys' "$TMP/json"
expect_output '["freeBytes","path"]' jq -c '.store | keys' "$TMP/json"
expect_output true jq '[.findings[] | keys == ["cause","file","fix","id","now","severity"]
  and (.severity | IN("blocked", "degraded", "works"))] | all' "$TMP/json"
expect_output true jq '.schema == 1 and .canRun and (.checked | length > 40) and ([.findings[].id] - .checked == [])' "$TMP/json"
for member in $(jq -r '[keys, (.works | keys), (.store | keys)] | flatten | .[]' "$TMP/json"); do
  grep -qw "$member" "$TOP/packaging/man/wolffia.1" || fail "the manual page does not tell of $member"
done

# It says what a run then has.
ids=$(jq .works.ids "$TMP/json")
expect_output "$ids" "$WOLFFIA" run "$BUNDLE/rootfs" /bin/sh -c 'awk "{ n += \$3 } END { print n }" /proc/self/uid_map'

# The best of three, as the machine may be busy.
best=100000
for _ in 1 2 3; do
  began=$(date +%s%N)
  run doctor
  took=$((($(date +%s%N) - began) / 1000000))
  [ "$took" -ge "$best" ] || best=$took
done
[ "$best" -lt 1000 ] || fail "it takes $best ms"

# A wrong word is one sentence.
expect_error 125 'wolffia: .*--yaml' "$WOLFFIA" doctor --yaml
expect_error 125 'wolffia: ' "$WOLFFIA" doctor now
