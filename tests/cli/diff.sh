#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# diff: what a container changed of its image; what the runtime made to mount on is not told.
# run: plain
# timeout: 60
. "$TOP/tests/support/lib.sh"

make_image '{"WorkingDir": "/srv/app"}'
mkdir vol
expect_status 0 wolffia run --name quiet -v "$TMP/vol:/mnt/inner/vol" test true
expect_output '' wolffia diff quiet
expect_output '[]' wolffia diff --json quiet
expect_status 0 wolffia rm quiet

program='rm /etc/motd /etc/group; mkdir /etc/group /new; echo x >/etc/passwd; echo y >/new/file; ln -s x "/new/li
nk"; echo z >/mnt/inner/vol/file; rm -r /home; mkdir /home; while :; do sleep 0.05; done'
expect_status 0 wolffia run -d --name busy -v "$TMP/vol:/mnt/inner/vol" test sh -c "touch /ready; $program"
has_ended() { wolffia exec busy test -d /home -a ! -e /home/node -a -e "/new/file"; }
wait_for 10 has_ended
changes='C /etc
C /etc/group
D /etc/motd
C /etc/passwd
C /home
D /home/node
A /new
A /new/file
A /new/li\nnk
A /ready'
expect_output "$changes" wolffia diff busy
expect_status 0 wolffia stop -t 0 busy
expect_output "$changes" wolffia diff busy
expect_equal "$(wolffia diff --json busy | jq -c '[.[] | .change] | group_by(.) | map([.[0], length])')" \
  '[["added",4],["changed",4],["deleted",2]]' "diff --json"

# What another user of the image made can be read all the same.
if has_ids; then
  expect_status 0 wolffia run --name other -u root test sh -c 'mkdir -m 700 /mine && touch /mine/file && chown -R node:node /mine'
  expect_output "$(printf 'A /mine\nA /mine/file')" wolffia diff other
  expect_status 0 wolffia rm other
fi
expect_status 0 wolffia rm busy
expect_status 0 wolffia run --name plain "$BUNDLE/rootfs" true
expect_error 125 'not of an image' wolffia diff plain
expect_status 0 wolffia rm plain
