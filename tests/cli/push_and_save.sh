#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Images leave the store: as they came where their blobs were kept, else packed anew, with the same files.
# run: plain
# run: once
# timeout: 120
. "$TOP/tests/support/lib.sh"

image() { "$WOLFFIA_IMAGE" "$@"; }
make_image
digest=$(cat "$TMP/image-id")

# What was packed anew holds the same; one line says that its digest is another.
expect_status 0 image push test "oci:$TMP/pushed:1" --digestfile "$TMP/digest"
expect_equal "$(cat "$TMP/out")" "$(cat "$TMP/digest")" "--digestfile"
[ "$(cat "$TMP/digest")" != "$digest" ] || fail "packed anew, and with the digest of before"
expect_equal "$(grep -c "and not $digest" "$TMP/err")" 1 "lines about the digest"
expect_output hello wolffia run --rm "oci:$TMP/pushed:1" cat /etc/motd

# What we packed ourselves comes out the same when it is packed again: then there is nothing to say.
expect_status 0 image pull -q --name pushed:1 "oci:$TMP/pushed:1"
expect_status 0 image push pushed:1 "oci:$TMP/again:1" --digestfile "$TMP/redigest"
expect_equal "$(cat "$TMP/redigest")" "$(cat "$TMP/digest")" "the digest of what was packed twice"
expect_equal "$(grep -c 'packing layer' "$TMP/err")" 2 "layers packed"
expect_equal "$(grep -c 'and not sha256' "$TMP/err")" 0 "lines about the digest"
expect_error 1 'No such file' wolffia run --rm "oci:$TMP/pushed:1" cat /gone/file
if has_ids; then
  expect_output 1000:1000 wolffia run --rm "oci:$TMP/pushed:1" stat -c %u:%g /home/node/file
fi

# With its blobs it goes unchanged, also when those are fetched later.
expect_output "$digest" image pull -q --keep-blobs --name localhost/test:latest "oci:$TMP/layout"
expect_output "$digest" image push -q test "oci-archive:$TMP/kept.tar"
expect_equal "$(tar -xOf "$TMP/kept.tar" index.json | jq -r '.manifests[0].annotations[]')" localhost/test:latest "name"
expect_status 0 wolffia tag test other:2
for format in oci-archive docker-archive; do
  expect_status 0 image save --format "$format" -o "$TMP/both.tar" test other:2
  expect_output hello wolffia run --rm "$format:$TMP/both.tar:localhost/test:latest" cat /etc/motd
  image save -q --format "$format" test other:2 >"$TMP/piped.tar" || fail "save to a pipe"
  cmp "$TMP/both.tar" "$TMP/piped.tar" || fail "a pipe gets other bytes"
done
expect_status 0 image save --format oci-dir -o "$TMP/dir" test
expect_output hello wolffia run --rm "oci:$TMP/dir" cat /etc/motd
expect_equal "$(image inspect "oci:$TMP/dir" | jq -r .digest)" "$digest" "the digest in the directory"

# One sentence for each fault; what was asked for is looked at before anything is written.
expect_error 1 'there is no image nosuch in the store: see wolffia images$' image push nosuch "oci:$TMP/x"
expect_error 1 'names no registry: say where to push it as well$' image push test
expect_error 1 'there is no image nosuch' image save -o "$TMP/new.tar" test nosuch
[ ! -e "$TMP/new.tar" ] || fail "an archive without all of its images"
expect_error 1 'needs a directory: give --output DIR$' image save --format oci-dir test
expect_error 1 'takes oci-archive, docker-archive or oci-dir' image save --format zip test
expect_error 1 'No space left on device$' image save -q -o /dev/full test
expect_equal "$(find "$WOLFFIA_STORE/tmp" -mindepth 1 | wc -l)" 0 "what is left in tmp"
expect_status 0 wolffia gc
