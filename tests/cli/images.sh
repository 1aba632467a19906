#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The images of a store: images, tag, history, rmi and gc.
# run: plain
# run: once
# timeout: 60
. "$TOP/tests/support/lib.sh"

make_image
digest=$(cat "$TMP/image-id")
expect_match '^localhost/test:latest ' wolffia images
expect_output "$(echo "$digest" | cut -c8-19)" wolffia images -q
expect_equal "$(wolffia images --json | jq -r '.[0] | "\(.reference) \(.id)"')" "localhost/test:latest $digest" "images --json"
expect_output "$(printf '%s\n' localhost/test:latest test:latest)" wolffia images --names
expect_status 0 wolffia tag test docker.io/library/test
expect_output "$(printf '%s\n' docker.io/library/test:latest localhost/test:latest test:latest)" wolffia images --names
expect_output 'untagged: docker.io/library/test:latest' wolffia rmi docker.io/library/test
expect_status 0 wolffia tag test other:1
expect_equal "$(wolffia images --json other | jq -r '.[].reference')" localhost/other:1 "all tags of a name"
expect_output '[]' wolffia images --json other:2
expect_error 125 'must be dangling=true, 1, false or 0' wolffia images --filter dangling=maybe
expect_error 125 'must be status=starting, running, paused, exited or dead' wolffia ps --filter status=dozing
expect_output hello wolffia run --rm other:1 cat /etc/motd
expect_match '^CREATED' wolffia history test
expect_output '[]' wolffia history --json test
expect_output 'untagged: localhost/test:latest' wolffia rmi test
expect_error 125 'there is no image test' wolffia rmi test

expect_status 0 wolffia run --cidfile cid other:1 true
expect_output "$(cat cid)" wolffia ps -a --names
expect_status 0 wolffia rm "$(cat cid)"
expect_status 0 wolffia run --name user other:1 true
expect_error 125 '^wolffia: image other:1 is used by .*: remove the container first' wolffia rmi other:1
expect_status 0 wolffia rm user
expect_match '^freed: 1 image, 2 layers,' wolffia rmi other:1
expect_output '[]' wolffia images --json
expect_match '^freed: 0 images' wolffia gc
expect_match '^wolffia version ' wolffia version
expect_match '_wolffia' wolffia completion bash
expect_error 125 'bash, zsh and fish' wolffia completion csh

# pull, login and logout are wolffia-image's, behind --store too.
expect_status 0 wolffia --store "$TMP/other" pull --quiet --name localhost/pulled:1 "oci:$TMP/layout"
expect_match '^localhost/pulled:1 ' wolffia --store "$TMP/other" images
expect_match '^Usage: wolffia-image login ' wolffia login --help

# Their failures have the status of each program.
for words in "pull oci:$TMP/nosuch" 'push nosuch' 'save nosuch' 'load nosuch' 'import nosuch' 'pull --nosuch x'; do
  # shellcheck disable=SC2086
  expect_status 125 wolffia $words
  # shellcheck disable=SC2086
  expect_status 1 "$WOLFFIA_IMAGE" $words
done
