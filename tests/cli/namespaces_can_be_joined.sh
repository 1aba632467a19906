#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A second container in every namespace of the first, given by their paths, is in those and no others.
. "$TOP/tests/support/lib.sh"

types='user net ipc uts cgroup pid'
[ ! -e /proc/self/ns/time ] || types="$types time"
edit_config '.linux.namespaces |= (map(select(.type != "network" and .type != "cgroup")) +
  [{type: "network"}, {type: "cgroup"}]) | .hostname = "first"'
case $types in *time) edit_config '.linux.namespaces += [{type: "time"}]' ;; esac
cp "$BUNDLE/config.json" first.json
set_args /bin/sleep 1000
expect_status 0 run_bundle --detach
pid=$(oci state "$ID" | jq .pid)

# shellcheck disable=SC2016
edit_config --arg pid "$pid" 'del(.hostname) | del(.linux.uidMappings) | del(.linux.gidMappings) |
  .linux.namespaces = [{type: "mount"}] + ($ARGS.positional | map({
    type: (if . == "net" then "network" else . end), path: "/proc/\($pid)/ns/\(.)"}))' --args $types
links() { for type in $types; do readlink "/proc/$1/ns/$type"; done; }
inside=$(links "$pid")
set_args /bin/sh -c "hostname; for type in $types; do readlink /proc/self/ns/\$type; done"
expect_status 0 oci run --bundle "$BUNDLE" second </dev/null
expect_equal "$(cat "$TMP/out")" "first
$inside" 'what the second one is in'

# Maps that are given again have to be what it has.
map() { jq -Rs '[split("\n")[] | select(. != "") | [scan("[0-9]+") | tonumber] | {containerID: .[0], hostID: .[1], size: .[2]}]' "/proc/$pid/$1"; }
edit_config --argjson uids "$(map uid_map)" --argjson gids "$(map gid_map)" '.linux += {uidMappings: $uids, gidMappings: $gids}'
expect_status 0 oci run --bundle "$BUNDLE" second </dev/null
expect_equal "$(cat "$TMP/err")" '' 'what it says of maps that are right'
edit_config '.linux.gidMappings += [{containerID: 70000, hostID: 70000, size: 1}]'
expect_error 1 'linux.gidMappings says that the user namespace which is joined has the ids 0.*70000, and it has 0' \
  oci run --bundle "$BUNDLE" second </dev/null
edit_config 'del(.linux.uidMappings) | del(.linux.gidMappings)'

# Who made the user namespace without subordinate gids has said for all that groups stay.
edit_config '.process.user.additionalGids = [5]'
set_args /bin/id -G
if has_ids; then
  expect_output '0 5' oci run --bundle "$BUNDLE" second </dev/null
else
  expect_status 0 oci run --bundle "$BUNDLE" second </dev/null
  grep -q 'warning: process.user.additionalGids: left out, setgroups is denied' "$TMP/err" || fail 'groups were dropped without a word'
fi
expect_status 0 oci delete --force "$ID"
