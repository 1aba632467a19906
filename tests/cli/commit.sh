#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# commit: what a container changed becomes a layer; the image runs, and is saved and exported as any other.
# run: plain
# run: once
# timeout: 180
. "$TOP/tests/support/lib.sh"

image() { "$WOLFFIA_IMAGE" "$@"; }
export SOURCE_DATE_EPOCH=1700000000
make_image '{"WorkingDir": "/srv/app", "Env": ["OLD=1"], "x.unknown": 1}'
mkdir vol
echo secret >vol/file

# unpack_layer IMAGE: its uppermost layer as layer.tar, its documents in layer/.
unpack_layer() {
  rm -rf layer
  image push -q "$1" oci:layer >"$TMP/id" 2>/dev/null || fail "push $1"
  blob=$(image inspect oci:layer | jq -r '.layers[-1].digest')
  gzip -cd "layer/blobs/sha256/${blob#sha256:}" >layer.tar
}

program='rm /etc/motd /etc/group; mkdir /etc/group; echo x >/etc/group/file; chmod 4711 /bin/sh; mkdir /new
echo y >/new/file; ln /new/file /new/twin; ln -s /nowhere /new/link; mkfifo /new/pipe; rm -r /home; mkdir /home
echo z >/home/file; echo v >/mnt/vol/mine; ln -s etc /slink; touch /done; sleep 1000'
expect_status 0 wolffia run -d --name box -w / -v "$TMP/vol:/mnt/vol" test sh -c "$program"
is_done() { wolffia exec box test -e /done; }
wait_for 20 is_done
# While it runs, and when it has ended, the same comes of it.
expect_status 0 wolffia commit -m 'by hand' -a Ana box made:1
id=$(cat "$TMP/out")
expect_status 0 wolffia stop -t 0 box
expect_output "$id" wolffia commit --message='by hand' --author Ana box made:2
expect_match '"comment": "by hand"' wolffia history --json made:1
expect_match '"createdBy": "sh -c rm /etc/motd' wolffia history --json made:1
unpack_layer made:1
expect_equal "$(tar -tf layer.tar | sort | tr '\n' ' ')" "bin/ bin/sh done etc/ etc/.wh.motd etc/group/ etc/group/file \
home/ home/.wh.node home/file new/ new/file new/link new/pipe new/twin slink " "the entries of the layer"
tar -tvf layer.tar | grep -q 'new/twin link to new/file' || fail "a hard link is none"
! grep -aq 'overlay\.' layer.tar || fail "a mark of the overlay is in the layer"
check='test ! -e /etc/motd && test ! -e /home/node && readlink /slink && readlink /new/link && cat /etc/group/file /new/twin /home/file
stat -c %a /bin/sh; test ! -e /mnt'
expected=$(printf 'etc\n/nowhere\nx\ny\nz\n4711')
expect_output "$expected" wolffia run --rm -w / made:1 sh -c "$check"

# Its config is that of the image, with the changes.
expect_status 0 wolffia commit -c 'CMD ["cat", "/new/file"]' -c 'ENV NEW=2' -c 'USER 0' -c 'WORKDIR /new' box made:3
expect_output y wolffia run --rm made:3
expect_output '1 2 /new' wolffia run --rm made:3 sh -c 'echo $OLD $NEW $PWD'
unpack_layer made:3
expect_equal "$(image inspect --config oci:layer | jq -r '.config["x.unknown"]')" 1 "a member that nobody knows"
expect_equal "$(image inspect --config oci:layer | jq -r '.history[-1].created, (.rootfs.diff_ids | length)')" \
  "$(printf '2023-11-14T22:13:20Z\n3')" "the history and the number of layers"

# The whole of a container leaves it as an archive, ended or running.
expect_status 0 wolffia export -o ended.tar box
expect_status 0 wolffia start box
wait_for 20 is_done
wolffia export box >running.tar || fail "export of one that runs"
for archive in ended running; do
  tar -tf $archive.tar >list
  for name in new/file home/file etc/passwd bin/busybox slink; do
    grep -qx $name list || fail "$archive: $name is missing"
  done
  ! grep -Eq '^etc/motd|^home/node|\.wh\.|^proc/.|^sys/.|^mnt/vol/.' list || fail "$archive: too much"
done
expect_status 0 wolffia stop -t 0 box
expect_error 125 'does not exist' wolffia export nosuch
expect_status 0 wolffia import -q ended.tar flat
expect_output z wolffia run --rm flat cat /home/file

# Commits upon commits; a layer that holds nothing, twice: nothing is copied for it.
expect_status 0 wolffia rm box
expect_status 0 wolffia run --name idle made:1 true
expect_status 0 wolffia commit idle idle:1
unpack_layer idle:1
expect_equal "$(tar -tf layer.tar | wc -l)" 0 "entries of a layer that holds nothing"
expect_status 0 wolffia rm idle
expect_status 0 wolffia run --name again idle:1 true
expect_status 0 wolffia commit again idle:2
expect_status 0 wolffia rm again
expect_output z wolffia run --rm idle:2 cat /home/file
! grep -q copied "$TMP/err" || fail "the image was copied"

# With --read-only there is nothing to commit but words.
expect_status 0 wolffia run --read-only --name fixed -w / test true
expect_status 0 wolffia commit -c 'CMD echo fixed' fixed fixed:1
expect_output fixed wolffia run --rm fixed:1
expect_status 0 wolffia export -o fixed.tar fixed
expect_equal "$(tar -xOf fixed.tar etc/motd)" hello "the export of one that is read-only"
expect_status 0 wolffia rm fixed

# Files of other users of the image stay theirs.
if has_ids; then
  expect_status 0 wolffia run --name other -u root test sh -c 'mkdir -m 700 /mine && echo m >/mine/file && chown -R node:node /mine'
  expect_status 0 wolffia commit other other
  expect_output '1000:1000 m' wolffia run --rm other sh -c 'echo $(stat -c %u:%g /mine/file) $(cat /mine/file)'
  expect_status 0 wolffia export -o other.tar other
  expect_match '1000/1000 .* mine/file$' tar --numeric-owner -tvf other.tar
  expect_status 0 wolffia rm other
fi

# Faults.
expect_status 0 wolffia run --name plain "$BUNDLE/rootfs" true
expect_error 125 'not of an image' wolffia commit plain x
expect_status 0 wolffia export -o plain.tar plain
tar -tf plain.tar | grep -qx bin/busybox || fail "the export of a directory"
expect_status 0 wolffia rm plain
expect_status 0 wolffia run --name last test true
expect_error 125 'RUN ls.*must begin with one of CMD' wolffia commit -c 'RUN ls' last x
expect_error 125 'No Name' wolffia commit last 'No Name'
expect_error 1 'give one of them$' image commit --upper / --tree / test x
expect_status 0 wolffia rm last
expect_equal "$(find "$WOLFFIA_STORE/tmp" -mindepth 1 | wc -l)" 0 "what is left in tmp"
expect_status 0 wolffia gc
expect_output z wolffia run --rm idle:2 cat /home/file
