#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# load: what save wrote comes back, from a file or a pipe, packed or not, and its content tells what it is.
# run: plain
# run: once
# timeout: 120
. "$TOP/tests/support/lib.sh"

image() { "$WOLFFIA_IMAGE" "$@"; }
make_image
image pull -q --keep-blobs --name localhost/test:latest "oci:$TMP/layout" >"$TMP/digest"
expect_status 0 wolffia tag test registry.example/team/other:2

# fresh: an empty store.
fresh() {
  rm -rf "$WOLFFIA_STORE"
  expect_equal "$(wolffia images -q)" "" "images of an empty store"
}
for format in oci-archive docker-archive; do
  expect_status 0 image save --format "$format" -o "$TMP/$format.tar" test registry.example/team/other:2
done
expect_status 0 image save --format oci-dir -o "$TMP/dir" test
both=$(printf 'Loaded image: localhost/test:latest\nLoaded image: registry.example/team/other:2')
for format in oci-archive docker-archive; do
  fresh
  expect_output "$both" wolffia load -q -i "$TMP/$format.tar"
  expect_output hello wolffia run --rm registry.example/team/other:2 cat /etc/motd
  expect_output "$both" image load "$TMP/$format.tar"
  fresh
  gzip -c "$TMP/$format.tar" | wolffia load -q >"$TMP/out" 2>"$TMP/err" || fail "load from a pipe"
  expect_equal "$(cat "$TMP/out")" "$both" "what was loaded from a pipe"
  expect_output hello wolffia run --rm test cat /etc/motd
  fresh
  zstd -q -f "$TMP/$format.tar" -o "$TMP/packed"
  wolffia load -q <"$TMP/packed" >"$TMP/out" 2>"$TMP/err" || fail "load from standard input, a file"
  expect_equal "$(cat "$TMP/out")" "$both" "what was loaded from standard input"
done
fresh
expect_output 'Loaded image: localhost/test:latest' wolffia load -q "$TMP/dir"
expect_equal "$(wolffia images --json | jq -r '.[].id')" "$(cat "$TMP/digest")" "the digest, which a layout keeps"

# One without a name is called by its digest; a name that is none is left out, and told.
fresh
expect_output "Loaded image: $(cat "$TMP/digest")" wolffia load -q "$TMP/layout"
mkdir odd
tar -xf "$TMP/docker-archive.tar" -C odd
jq '.[0].RepoTags = ["No Name", "plain:3"] | .[1].RepoTags = null' odd/manifest.json >odd/new
mv odd/new odd/manifest.json
tar -cf odd.tar -C odd .
expect_status 0 wolffia load odd.tar
expect_equal "$(head -n 1 "$TMP/out")" 'Loaded image: docker.io/library/plain:3' "a name without a host"
grep -q '^Loaded image: sha256:' "$TMP/out" || fail "an image without a name"
grep -q 'left out: .*No Name' "$TMP/err" || fail "a name that is none is not told"
expect_output hello wolffia run --rm plain:3 cat /etc/motd

# Each fault is one sentence.
fresh
echo x >text
: >empty
tar -cf files.tar text
xz -k -c files.tar >files.tar.xz
head -c 4000 "$TMP/docker-archive.tar" >short.tar
head -c 900 "$TMP/packed" >short.zst
expect_error 125 'files.tar holds no images: .*wolffia-image import\)$' wolffia load files.tar
expect_error 125 'empty holds no images' wolffia load empty
expect_error 125 'text: ' wolffia load text
expect_error 125 'files.tar.xz: is packed with xz, which is not read: unpack it with xz -d$' wolffia load -i files.tar.xz
expect_error 125 'short.tar: ' wolffia load short.tar
expect_error 125 'short.zst: ' wolffia load short.zst
expect_error 125 'nosuch: .*No such file' wolffia load nosuch
expect_error 125 "$TMP holds no images" wolffia load "$TMP"
expect_error 125 'give one of them$' wolffia load -i text empty
expect_error 125 'standard input holds no images' wolffia load - </dev/null
echo '{"default": [{"type": "reject"}]}' >policy.json
expect_error 125 'policy' wolffia load --policy policy.json "$TMP/dir"
wolffia load --policy policy.json <"$TMP/packed" >"$TMP/out" 2>"$TMP/err" && fail "a pipe gets past the policy"
expect_equal "$(wolffia images -q)" "" "images after these"
expect_equal "$(find "$WOLFFIA_STORE/tmp" -mindepth 1 2>/dev/null | wc -l)" 0 "what is left in tmp"
