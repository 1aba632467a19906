#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gc removes directories of containers that were never recorded, and names that stand for nothing; never those of
# somebody who is still at it.
# run: plain
# timeout: 120
. "$TOP/tests/support/lib.sh"

make_image
expect_status 0 wolffia gc
containers=$WOLFFIA_STORE/containers
expect_status 0 wolffia run --name kept test true
mkdir "$containers/0123456789ab" "$containers/0123456789ab/upper" "$containers/fedcba987654"
echo x >"$containers/0123456789ab/upper/file"
cp "$containers/@kept/image" "$containers/0123456789ab/image"
ln -s 0123456789ab "$containers/@lost"
ln -s aaaaaaaaaaaa "$containers/@gone"
ln -s "$(readlink "$containers/@kept")" "$containers/@renamed"

# Its maker lives: it holds the directory's lock.
flock "$containers/fedcba987654" sh -c 'touch "$1/locked"; while [ ! -e "$1/done" ]; do sleep 0.02; done' sh "$TMP" &
maker=$!
wait_for 20 test -e "$TMP/locked"
expect_status 0 wolffia ps -a
expect_match '^freed: 0 images, 0 layers, 4 leftovers' wolffia gc
expect_equal "$(cd "$containers" && echo @* fedcba98*)" "@kept fedcba987654" "what is left"
touch "$TMP/done"
wait "$maker"
expect_match ', 1 leftover of what was killed, ' wolffia gc
expect_equal "$(cd "$containers" && echo @* fedcba98*)" "@kept fedcba98*" "what is left"
expect_match '^freed: 0 images, 0 layers, 0 B$' wolffia gc

# A name that stands for nothing can be taken, and rm -f needs no record.
ln -s aaaaaaaaaaaa "$containers/@free"
expect_status 0 wolffia run --name free test true
mkdir "$containers/0123456789ab"
expect_output 0123456789ab wolffia rm -f 0123456789ab
expect_status 0 wolffia rm free kept
[ -z "$(ls -A "$containers")" ] || fail "something is left: $(ls -A "$containers")"
