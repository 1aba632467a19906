#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Images are written to archives: whole or not at all, byte for byte or as docker has them.
# run: once
# run: plain
# timeout: 60
. "$TOP/tests/support/lib.sh"

make_image
digest=$(cat "$TMP/image-id")
image() { "$WOLFFIA_IMAGE" "$@"; }

expect_output "$digest" image copy -q "oci:$TMP/layout" "oci-archive:$TMP/a.tar:test:1"
expect_equal "$(tar -xOf "$TMP/a.tar" index.json | jq -r '.manifests[0].annotations[]')" test:1 "the tag"
expect_output "$digest" image copy -q "oci-archive:$TMP/a.tar:test:1" "oci:$TMP/again:1"
(cd "$TMP/layout/blobs/sha256" && find . -type f) | while read -r blob; do
  cmp "$TMP/layout/blobs/sha256/$blob" "$TMP/again/blobs/sha256/$blob" || fail "$blob differs"
done

expect_status 0 image copy -q "oci:$TMP/layout" "docker-archive:$TMP/d.tar:test"
expect_equal "$(tar -xOf "$TMP/d.tar" manifest.json | jq -r '.[0].RepoTags[]')" test:latest "RepoTags"
expect_equal "$(tar -xOf "$TMP/d.tar" manifest.json | jq '.[0].Layers | length')" 2 "layers"
expect_output hello wolffia run --rm "docker-archive:$TMP/d.tar" cat /etc/motd

# A pipe gets the same bytes as a file.
image copy -q "oci:$TMP/layout" "docker-archive:/dev/stdout:test" 2>"$TMP/err" | cat >"$TMP/piped.tar"
tar -tf "$TMP/piped.tar" | grep -q manifest.json || fail "no manifest.json in what was piped"
for size in 1 5000; do
  image copy -q "oci:$TMP/layout" oci-archive:/dev/stdout 2>"$TMP/err" | head -c "$size" >/dev/null
done

# Faults are one sentence, and nothing is left of them.
mkdir "$TMP/empty"
expect_error 1 'must be a file, not a directory$' image copy -q "oci:$TMP/layout" "oci-archive:$TMP/empty"
expect_error 1 'No such file or directory$' image copy -q "oci:$TMP/layout" "oci-archive:$TMP/no/a.tar"
expect_error 1 'writing the archive: write: No space left on device$' image copy -q "oci:$TMP/layout" oci-archive:/dev/full
layer=$(jq -r '.layers[0].digest' "$TMP/layout/blobs/sha256/${digest#sha256:}")
chmod u+w "$TMP/again/blobs/sha256/${layer#sha256:}"
printf x >>"$TMP/again/blobs/sha256/${layer#sha256:}"
truncate -s -2 "$TMP/again/blobs/sha256/${layer#sha256:}"
for kind in oci-archive docker-archive; do
  expect_error 1 "$layer" image copy -q "oci:$TMP/again:1" "$kind:$TMP/empty/x.tar"
  [ "$(wc -l <"$TMP/err")" = 1 ] || fail "more than one sentence"
done
[ -z "$(ls -A "$TMP/empty")" ] || fail "something is left: $(ls -A "$TMP/empty")"
