#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cp: into a container and out of it, whether it runs or has ended, by the rules of podman and docker.
# run: plain
# timeout: 120
. "$TOP/tests/support/lib.sh"

make_image
mkdir -p tree/sub vol
touch mounted
echo one >tree/one
echo two >tree/sub/two
ln -s one tree/link
ln -s /etc/motd tree/absolute
chmod 640 tree/one
chmod 500 tree/sub
touch -d 2001-02-03T04:05:06Z tree/one
truncate -s 1G tree/sparse

# files CONTAINER: a file to a new name, over a file, into a directory.
files() {
  expect_status 0 wolffia cp tree/one "$1:/etc/new"
  expect_status 0 wolffia cp tree/sub/two "$1:/etc/new"
  expect_status 0 wolffia cp tree/one "$1:etc"
  expect_error 125 'no such directory' wolffia cp tree/one "$1:/etc/absent/"
  expect_error 125 'No such file' wolffia cp tree/one "$1:/absent/name"
  expect_error 125 'No such file' wolffia cp "$1:/absent" .
  expect_status 0 wolffia cp "$1:/etc/new" out-file
  expect_equal "$(cat out-file)" two "a file over a file"
  expect_status 0 wolffia cp "$1:/etc/one" out-file
  expect_equal "$(cat out-file)" one "a file over a file of the host"
  expect_equal "$(stat -c '%a %Y %u' out-file)" "640 981173106 $(id -u)" "mode, time and owner"
}

# directories CONTAINER: one to a new name, into a directory, its contents into one.
directories() {
  mkdir into
  expect_status 0 wolffia cp tree "$1:/etc/made"
  expect_status 0 wolffia cp tree/ "$1:/etc/made"
  expect_status 0 wolffia cp "$1:/etc/made/." into
  expect_status 0 wolffia cp "$1:/etc/made" into/
  for copy in into into/tree into/made; do
    expect_equal "$(cat $copy/one $copy/sub/two)" "$(printf 'one\ntwo')" "$copy"
    expect_equal "$(readlink $copy/link) $(readlink $copy/absolute)" 'one /etc/motd' "links of $copy"
    expect_equal "$(stat -c %a $copy/sub)" 500 "mode of $copy/sub"
    expect_equal "$(stat -c %s $copy/sparse)" 1073741824 "size of $copy/sparse"
    [ "$(stat -c %b $copy/sparse)" -lt 2048 ] || fail "the hole of $copy/sparse was filled"
  done
  expect_error 125 'cannot be copied over a file' wolffia cp tree "$1:/etc/new"
  mkdir -p other/motd
  echo x >other/file
  expect_error 125 'motd: .*Not a directory' wolffia cp other/. "$1:/etc"
  expect_error 125 'a directory of this name is in the way' wolffia cp other/file "$1:/etc/holder"
  # A link that was named is followed, inside.
  expect_status 0 wolffia cp "$1:/etc/made/absolute" out-motd
  expect_equal "$(cat out-motd)" hello "what a link leads to"
  chmod -R u+w into
  rm -rf into other out-*
}

expect_status 0 wolffia run -d --name box -v "$TMP/vol:/vol" -v "$TMP/mounted:/one" test sleep 1000
expect_status 0 wolffia exec box mkdir -p /etc/holder/file
files box
directories box
expect_equal "$(wolffia exec box stat -c '%u %g %a' /etc/one)" "0 0 640" "the owner inside"

# Volumes are copied to as well; over what is mounted as a file, and out of it.
expect_status 0 wolffia cp tree box:/vol
expect_equal "$(cat vol/tree/sub/two)" two "what came into the volume"
chmod u+w vol/tree/sub
expect_error 125 'into itself' wolffia cp box:/vol "$TMP/vol/tree"
for source in tree/one tree/.; do
  echo before >mounted
  expect_status 0 wolffia cp $source "box:/${source#tree/}"
  expect_equal "$(cat mounted)" one "the file that is mounted, from $source"
done
expect_error 125 'are the same file' wolffia cp vol/tree/one box:/vol/tree/one
expect_equal "$(cat vol/tree/one)" one "the file that was not copied over itself"

# What another user of the image owns, root of the container can read.
if has_ids; then
  expect_status 0 wolffia exec box sh -c 'mkdir -m 700 /mine && echo own >/mine/file && chmod 600 /mine/file && chown -R node:node /mine'
  expect_status 0 wolffia cp box:/mine out-mine
  expect_equal "$(cat out-mine/file) $(stat -c '%u %a' out-mine/file)" "own $(id -u) 600" "node's file"
  expect_status 0 wolffia cp tree/one box:/mine/file
  expect_equal "$(wolffia exec box stat -c %u /mine/file)" 0 "the owner of a file that was copied over"
fi
expect_status 0 wolffia stop -t 0 box

expect_error 125 'one side has to be CONTAINER:PATH' wolffia cp tree/one tree/two
expect_error 125 'one side has to be CONTAINER:PATH' wolffia cp box:/a box:/b
expect_error 125 'neither reads nor writes an archive on a pipe: name a file' wolffia cp box:/etc -
expect_error 125 'neither reads nor writes an archive on a pipe: name a file' wolffia cp - box:/etc
expect_error 125 'container none does not exist' wolffia cp tree none:/
expect_error 125 'names no file' wolffia cp tree box:

# The container has ended, and keeps what is copied to it until it is started again.
expect_status 0 wolffia rm box
expect_status 0 wolffia run --name ended test mkdir -p /etc/holder/file
files ended
directories ended
expect_status 0 wolffia start ended
expect_output 0 wolffia wait ended
expect_status 0 wolffia cp ended:/etc/one out-one
expect_status 0 wolffia rm ended
expect_status 0 wolffia run --name fixed --read-only test true
expect_status 0 wolffia cp fixed:/etc/motd out-motd
expect_equal "$(cat out-motd)" hello "a file of a container that was read-only"
expect_error 125 'made with --read-only|Read-only file system' wolffia cp tree/one fixed:/etc/one
expect_status 0 wolffia rm fixed

# A plain directory is a root too.
expect_status 0 wolffia run -d --name plain "$BUNDLE/rootfs" sleep 1000
expect_status 0 wolffia cp tree/one plain:/one
expect_equal "$(cat "$BUNDLE/rootfs/one")" one "the file in the directory"
expect_status 0 wolffia rm -f plain
