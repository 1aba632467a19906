#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rights of the caller's groups are dropped; where the kernel forbids that, it is told, unless they are to be kept.
# needs: ids
# run: plain
# timeout: 60
. "$TOP/tests/support/lib.sh"

# grouped CMD…: as another user, with groups and without subordinate ids, in a user namespace that has them.
mkdir "$TMP/own"
unshare --user --map-root-user --map-auto chown 1:1 "$TMP/own"
chmod o+x "$TMP"
grouped() {
  unshare --user --map-root-user --map-auto setpriv --reuid 1 --regid 1 --groups 1,5,6 --inh-caps=-all \
    env HOME="$TMP/own" XDG_RUNTIME_DIR="$TMP/own" "$@"
}
root=$BUNDLE/rootfs
expect_status 0 grouped "$WOLFFIA" run "$root" true
grep -q '^wolffia: warning: the rights of your groups 5, 6 stay, as without subordinate gids' "$TMP/err" ||
  fail "the groups that stay are not told"
expect_match '^groups +without subordinate gids.* yours stay: 5, 6$' grouped "$WOLFFIA" explain "$root"
expect_match '^Groups:.*65534' grouped "$WOLFFIA" run --group keep "$root" cat /proc/self/status
! grep -q 'groups' "$TMP/err" || fail "groups that may stay are told"

# With subordinate ids they are gone, and nothing is said.
expect_match '^Groups:[[:blank:]]*$' wolffia run "$root" cat /proc/self/status
expect_equal "$(cat "$TMP/err")" "" "what is said where groups are dropped"
