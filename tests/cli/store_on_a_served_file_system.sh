#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A home that a server keeps (NFS, Lustre, FUSE): images have one owner there, and what containers change lies on this
# machine, since the kernel's overlay writes to no such file system. Both are told, the first once for a store.
# run: plain
# run: once
# timeout: 120
. "$TOP/tests/support/lib.sh"

# An ordinary user's own file system: files are served by a process, and given to nobody else.
mkdir "$TMP/served" "$TMP/store" "$TMP/scratch"
bindfs -f --no-allow-other --chown-deny --chgrp-deny "$TMP/served" "$TMP/store" &
server=$!
unmount() {
  fusermount3 -u "$TMP/store" && wait $server
}
trap 'fusermount3 -q -u "$TMP/store" || true' EXIT
is_mounted() { [ "$(stat -c %d "$TMP/store")" != "$(stat -c %d "$TMP")" ]; }
wait_for 10 is_mounted
export WOLFFIA_SCRATCH="$TMP/scratch"
place=$TMP/scratch/wolffia-$(id -u)/scratch
expect_nothing_left() {
  expect_equal "$(find "$place" "$WOLFFIA_STORE/containers" -mindepth 1)" "" "what is left"
}

make_image '{"User": "1000:1000"}'
if has_ids; then
  grep -q 'which keeps files of one owner only' "$TMP/err" || fail "one owner is not told: $(cat "$TMP/err")"
  expect_equal "$(cat "$TMP/store/owners")" one "what is remembered of the store"
fi
expect_output "1000 hello" wolffia run --rm --net none test sh -c 'echo $(id -u) $(cat /etc/motd; rm /etc/motd; touch /tmp/new)'
expect_equal "$(wc -l <"$TMP/err")" 1 "the lines said of a run"
grep -q "^wolffia: warning: what the container changes is kept in $place/[0-9a-f]*, as the store is on fuse, which" "$TMP/err" ||
  fail "scratch is not told"
expect_nothing_left

# A container lasts as elsewhere.
expect_status 0 wolffia run -u root --name kept test touch /kept
expect_match '^A /kept$' wolffia diff kept
expect_status 0 wolffia cp kept:/kept "$TMP/copied"
expect_match "changes is kept in $place" wolffia explain kept
expect_status 0 wolffia start kept
expect_output 0 wolffia wait kept
expect_match '^A /kept$' wolffia diff kept
expect_status 0 wolffia rm kept
expect_nothing_left

# What needs no place for changes has none.
expect_output hello wolffia run --rm --net none --read-only test cat /etc/motd
expect_equal "$(cat "$TMP/err")" "" "what is said of a root that does not change"

# After a reboot scratch is gone.
expect_status 0 wolffia run -u root --name gone test touch /kept
rm -rf "$place"
expect_error 125 'which is not on this machine .any more.: remove it with wolffia rm' wolffia start gone
expect_error 125 'not on this machine' wolffia diff gone
expect_status 0 wolffia rm gone

# A container whose directory is gone is found from the other side, and only by that.
expect_status 0 wolffia run -u root --name lost test touch /kept
expect_status 0 wolffia run -u root --name here test touch /kept
rm -rf "$WOLFFIA_STORE/containers/$(wolffia inspect lost | jq -r .id)"
expect_status 0 wolffia gc
expect_equal "$(ls "$place")" "$(wolffia inspect here | jq -r .id)" "what is left after gc"
expect_match '^A /kept$' wolffia diff here
expect_status 0 wolffia rm here

# Nobody else's directory serves: the next place does.
rm -rf "$place"
mkdir -m 0777 "$TMP/scratch/open" && chmod 0777 "$TMP/scratch/open"
mkdir "$TMP/scratch/open/wolffia-$(id -u)" && chmod 0777 "$TMP/scratch/open/wolffia-$(id -u)"
expect_output hello env WOLFFIA_SCRATCH="$TMP/scratch/open" TMPDIR="$TMP/scratch" "$WOLFFIA" run --rm test cat /etc/motd
grep -q "is kept in $place" "$TMP/err" || fail "the second place is not told"

# Where the store is not served by anybody, nothing of that is said.
unmount
make_image
expect_output hello wolffia run --rm --net none test cat /etc/motd
expect_equal "$(cat "$TMP/err")" "" "what is said of a local store"
