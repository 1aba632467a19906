#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# export writes a root as a tar archive, import makes an image of one: from files and pipes, packed or not.
# run: plain
# run: once
# timeout: 120
. "$TOP/tests/support/lib.sh"

image() { "$WOLFFIA_IMAGE" "$@"; }
make_image
names() { tar -tf "$1" | sort; }

# An image's root is all of its layers: what the upper one takes away is gone, and no mark of a layer is left.
expect_status 0 image export -q -o root.tar test
expect_equal "$(tar -xOf root.tar etc/motd)" hello "a file of the upper layer"
! names root.tar | grep -Eq '^gone|\.wh\.' || fail "what was removed is there"
! names root.tar | grep -Evq '^[a-z]' || fail "a name that is not relative"
image export -q test >piped.tar || fail "export to a pipe"
cmp root.tar piped.tar || fail "a pipe gets other bytes"
expect_equal "$(tar --numeric-owner -tvf root.tar home/node/file | awk '{ print $2 }')" 1000/1000 "the owner of a file"
expect_error 1 'there is no image nosuch in the store' image export -o new.tar nosuch
[ ! -e new.tar ] || fail "an archive of nothing"
expect_error 1 'for an image, not for a directory' image export --upper "$TMP" -o new.tar "$TMP"
expect_error 1 'No space left on device' image export -o /dev/full test

# A directory, too.
expect_status 0 image export -o plain.tar "$BUNDLE/rootfs"
expect_match '^-r.* 0/0 .* bin/\[$' tar --numeric-owner -tvf plain.tar

# Whatever it is packed with, and wherever it comes from, it becomes the same image but for its blob.
export SOURCE_DATE_EPOCH=1700000000
gzip -k root.tar
zstd -q root.tar
expect_status 0 wolffia import -m 'a root' -c 'CMD ["cat", "/etc/motd"]' -c ENV=WORD=word root.tar imported:1
id=$(cat "$TMP/out")
expect_output hello wolffia run --rm imported:1
expect_output word wolffia run --rm imported:1 sh -c 'echo $WORD'
expect_match '"comment": "a root"' wolffia history --json imported:1
expect_match '2023-11-14T22:13:20Z' wolffia history --json imported:1
expect_output "$id" wolffia import -q -m 'a root' -c 'CMD ["cat", "/etc/motd"]' -c ENV=WORD=word root.tar imported:2
for file in root.tar.gz root.tar.zst; do
  expect_status 0 image import -q "$file" packed
  wolffia import -q - piped <"$file" >/dev/null || fail "import of standard input, a file"
  # shellcheck disable=SC2002 # a pipe, which cannot be read twice
  cat "$file" | wolffia import -q - piped >"$TMP/out" || fail "import of a pipe"
  expect_output hello wolffia run --rm piped cat /etc/motd
  expect_status 0 image export -q -o again.tar piped
  cmp root.tar again.tar || fail "what was imported from $file is exported otherwise"
done
expect_status 0 image import --platform linux/arm64/v8 root.tar arm
expect_equal "$(image push -q arm oci:arm >/dev/null && image inspect --platform linux/arm64/v8 oci:arm |
  jq -r '.os + "/" + .architecture + "/" + .variant')" linux/arm64/v8 "the platform"

# Every instruction.
expect_status 0 wolffia import -q -c 'ENTRYPOINT ["/bin/echo"]' -c 'CMD say "it"' -c 'ENV A=1 B="two words"' \
  -c 'EXPOSE 80 53/udp' -c 'LABEL a.b=c' -c 'USER node' -c 'VOLUME /data /more' -c 'WORKDIR /home' -c 'WORKDIR node' \
  -c 'STOPSIGNAL SIGINT' root.tar all
image push -q all oci:all >/dev/null
expect_equal "$(image inspect --config oci:all | jq -cS .config)" "$(jq -cnS '{Entrypoint: ["/bin/echo"],
  Cmd: ["/bin/sh", "-c", "say \"it\""], Env: ["A=1", "B=two words"], ExposedPorts: {"80/tcp": {}, "53/udp": {}},
  Labels: {"a.b": "c"}, User: "node", Volumes: {"/data": {}, "/more": {}}, WorkingDir: "/home/node",
  StopSignal: "SIGINT"}')" "the config"

# What is rejected is one sentence, and leaves nothing.
before=$(wolffia images --json | jq length)
: >empty
echo text >text
head -c 2000 root.tar >short.tar
head -c 2000 root.tar.gz >short.tar.gz
xz -k root.tar
mkdir links
ln -s busybox links/x
tar -cf good.tar -C links .
python3 - <<'END'
import io, tarfile
with tarfile.open("hostile.tar", "w") as tar:
    entry = tarfile.TarInfo("../outside")
    tar.addfile(entry, io.BytesIO())
with tarfile.open("link.tar", "w") as tar:
    entry = tarfile.TarInfo("name")
    entry.type, entry.linkname = tarfile.LNKTYPE, "nowhere"
    tar.addfile(entry)
END
expect_error 125 'empty: ' wolffia import empty
expect_error 125 'text: ' wolffia import text
expect_error 125 'short.tar: ' wolffia import short.tar
expect_error 125 'short.tar.gz: ' wolffia import short.tar.gz
expect_error 125 'packed with xz, which is not read' wolffia import root.tar.xz
expect_error 125 'hostile.tar: .*outside' wolffia import hostile.tar
expect_error 125 'link.tar: name is a link to nowhere, which does not exist$' wolffia import link.tar
expect_error 125 'nosuch: .*No such file' wolffia import nosuch
expect_error 125 'must begin with one of CMD, .*, WORKDIR$' wolffia import -c 'RUN ls' good.tar
expect_error 125 'EXPOSE x.*must be PORT' wolffia import -c 'EXPOSE x' good.tar
expect_error 125 'No Name' wolffia import good.tar 'No Name'
SOURCE_DATE_EPOCH=today expect_error 125 'SOURCE_DATE_EPOCH' wolffia import good.tar
expect_equal "$(wolffia images --json | jq length)" "$before" "the number of images"
expect_equal "$(find "$WOLFFIA_STORE/tmp" -mindepth 1 | wc -l)" 0 "what is left in tmp"
