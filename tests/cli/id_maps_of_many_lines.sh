#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: ids
# A map whose ids lie in two lines of the namespace above is cut for the kernel; more than five lines come back in
# another order than they were given in.
. "$TOP/tests/support/lib.sh"

start=$(grep -E "^($(id -un)|$(id -u)):" /etc/subuid | head -n 1 | cut -d: -f2)
group=$(grep -E "^($(id -un)|$(id -u)):" /etc/subgid | head -n 1 | cut -d: -f2)
lines='def lines(start; own): [{containerID: 9, hostID: start, size: 1}, {containerID: 8, hostID: (start + 2), size: 1},
  {containerID: 7, hostID: (start + 4), size: 1}, {containerID: 6, hostID: (start + 6), size: 1},
  {containerID: 5, hostID: (start + 8), size: 1}, {containerID: 0, hostID: own, size: 1}];'
set_args /bin/cat /proc/self/uid_map
cp "$BUNDLE/config.json" fresh.json
edit_config --argjson uid "$(id -u)" --argjson gid "$(id -g)" --argjson start "$start" --argjson group "$group" "$lines"'
  .linux.uidMappings = lines($start; $uid) | .linux.gidMappings = lines($group; $gid) |
  .linux.namespaces |= map(select(.type != "user")) + [{type: "user"}]'
expect_status 0 run_bundle
expect_equal "$(awk '{print $1, $3}' "$TMP/out" | paste -sd ,)" '0 1,5 1,6 1,7 1,8 1,9 1' 'the lines inside'

# Root of a namespace with two lines has both, and whatever spans them.
cp fresh.json "$BUNDLE/config.json"
edit_config '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 100}] | .linux.gidMappings = .linux.uidMappings |
  .linux.namespaces |= map(select(.type != "user")) + [{type: "user"}]'
# shellcheck disable=SC2016
inside() { unshare --user --map-root-user --map-auto "$@"; }
expect_status 0 inside "$WOLFFIA_OCI" --root "$TMP/root" run --bundle "$BUNDLE" "$ID"
expect_equal "$(awk '{s += $3} END {print s}' "$TMP/out")" 100 'the ids inside'

# A mount's own ids are cut in the same way.
mkdir of
edit_config --arg top "$TMP" '.mounts += [{destination: "/of", type: "bind", source: "\($top)/of", options: ["bind"],
  uidMappings: [{containerID: 0, hostID: 0, size: 100}], gidMappings: [{containerID: 0, hostID: 0, size: 100}]}]'
run inside "$WOLFFIA_OCI" --root "$TMP/root" run --bundle "$BUNDLE" "$ID"
! grep -q 'writing /proc/.*map' "$TMP/err" || fail 'the map of a mount was refused'
