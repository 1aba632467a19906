#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Containers and images are chosen as podman's users choose them: --all, --force, --latest, --filter, several names.
# run: plain
# run: once
# timeout: 120
. "$TOP/tests/support/lib.sh"

make_image
digest=$(cat "$TMP/image-id")
live() { wolffia run -d --name "$1" --label "n=$1" test sh -c 'trap "exit 0" TERM; while :; do sleep 0.05; done' >/dev/null; }
expect_status 4 wolffia run --name ended test sh -c 'exit 4'
live one
live two

expect_output "$(printf 'two\none')" sh -c '"$1" ps --json | jq -r ".[].name" | sort -r' sh "$WOLFFIA"
expect_output ended sh -c '"$1" ps --filter exited=4 --json | jq -r ".[].name"' sh "$WOLFFIA"
expect_output two sh -c '"$1" ps -l --json | jq -r ".[].name"' sh "$WOLFFIA"
expect_output "one two" sh -c '"$1" ps -n 2 --json | jq -r ".[].name" | xargs' sh "$WOLFFIA"
expect_output "" wolffia ps -n 0 -q
expect_match 'while :; do\.\.\.' wolffia ps -l
expect_match 'while :; do sleep 0.05; done' wolffia ps -l --no-trunc
expect_output one sh -c '"$1" ps --filter name=on --filter ancestor=test --json | jq -r ".[].name"' sh "$WOLFFIA"
expect_error 125 '--filter "x" must be NAME=VALUE, NAME one of label, name, id, status' wolffia ps --filter x
expect_error 125 'JSON, of which jq' wolffia ps --format '{{.Names}}'

# Each of several is done, whatever happens to the others.
expect_error 125 'container none does not exist' wolffia stop none one
expect_equal "$(wolffia ps --json | jq -r '.[].name')" two "what runs after stop"
expect_output "one
ended" wolffia start one ended
expect_output 4 wolffia wait ended
expect_error 125 'is running: wolffia rm -f' wolffia rm --all
expect_equal "$(wolffia ps -a --json | jq -r '.[].name' | sort | tr '\n' ' ')" "one two " "what rm --all leaves"
expect_status 0 wolffia stop -a -t 5
expect_output "" wolffia ps -q
expect_status 0 wolffia kill --all
expect_error 125 'rm takes --all or containers, not both: "one"' wolffia rm -a one
expect_error 125 'rm needs the name or id of a container, or --all' wolffia rm
expect_error 125 'container none does not exist' wolffia rm none
expect_output "" wolffia rm -f none
expect_status 0 wolffia rm -a
expect_output "" wolffia ps -aq

# inspect knows images too, and a container before an image of that name.
expect_equal "$(wolffia inspect test | jq -r '"\(.id) \(.references[0]) \(.os) \(.layers | length)"')" \
  "$digest localhost/test:latest linux 2" "inspect of an image"
expect_status 0 wolffia run --name test test true
expect_equal "$(wolffia inspect test "$digest" | jq -r '.name // .id' | tr '\n' ' ')" "test $digest " "inspect of both"
expect_error 125 'there is no container and no image none' wolffia inspect none

# images and rmi
expect_output "$digest" wolffia images -aq --no-trunc
expect_match " $digest " wolffia images --no-trunc
expect_status 0 wolffia tag test other:1
expect_equal "$(wolffia images --json other:1 | jq -r '.[].reference')" localhost/other:1 "images IMAGE"
expect_equal "$(wolffia images --json --filter dangling=true)" '[]' "images without a name"
expect_output 'untagged: localhost/other:1' wolffia rmi other:1
expect_error 125 'is used by .*: remove the container first' wolffia rmi test
expect_status 0 wolffia run test true
expect_error 125 'is used by .*, .*: remove the containers first' wolffia rmi test
expect_error 125 'there is no image none' wolffia rmi none
expect_status 0 wolffia rmi -f none test
expect_output "" wolffia ps -aq
expect_output "" wolffia images -q
make_image
expect_match '^freed: 1 image,' wolffia rmi --all
expect_status 0 wolffia rmi --all
