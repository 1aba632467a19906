#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# explain: everything a container is made of has its reason; --dry-run tells the ids of the outer namespace too.
# run: plain
# run: once
# timeout: 60
. "$TOP/tests/support/lib.sh"

make_image '{"WorkingDir": "/srv/app", "Volumes": {"/data": {}}, "Env": ["A=1", "B=2"], "User": "node"}'
mkdir vol
echo F=file >variables

# reason KIND PATTERN: why the one fact holds whose text matches.
reason() {
  jq -r --arg kind "$1" --arg what "$2" '.[] | select(.kind == $kind and (.what | test($what))) | .reason' "$TMP/facts"
}

# expect_reason KIND PATTERN REASON
expect_reason() {
  expect_equal "$(reason "$1" "$2")" "$3" "the reason of $1 $2"
}

expect_status 0 wolffia explain --json -v "$TMP/vol:/mnt/vol" --tmpfs /scratch -m 512m --strict -e B=3 --env-file variables \
  --read-only --cap-drop CHOWN --cap-add NET_RAW --dns 192.0.2.1 --timeout 5m --hostname box test ls -l
cp "$TMP/out" "$TMP/facts"
expect_reason namespace '^pid$' 'default: it sees its own processes only'
expect_reason mount '^/mnt/vol: ' --volume
expect_reason mount '^/scratch: tmpfs' --tmpfs
expect_reason mount '^/tmp: tmpfs' '--read-only: programs write there'
expect_reason mount '^/data: tmpfs' "--read-only: a volume of the image's config"
expect_reason mount '^/etc/resolv.conf: ' --dns
expect_reason mount '^/proc: proc' 'default: programs expect it'
expect_reason hidden '^/proc/kcore$' 'default: it tells of the host'
expect_reason read-only '^/$' --read-only
expect_reason process '^ls -l$' 'the command line'
expect_reason user '^1000:1000$' "the image's config: node"
expect_reason directory '^/srv/app$' "the image's config"
expect_reason hostname '^box$' --hostname
expect_reason variable '^A=1$' "the image's config"
expect_reason variable '^B=3$' --env
expect_reason variable '^F=file$' --env-file
expect_reason capability '^no CAP_CHOWN$' --cap-drop
expect_reason capability '^CAP_NET_RAW$' --cap-add
expect_reason seccomp 'system calls have rules' 'default: the profile of wolffia'
expect_reason network 'connected by wolffia-net' default
expect_reason limit 'ends after 300 s' --timeout
expect_equal "$(reason storage overlay)" 'default: what changes lies in a layer of its own' "the reason of the storage"
if has_ids; then
  expect_reason ids '^uid 1-' 'you, and your ranges of /etc/subuid and /etc/subgid'
else
  expect_reason ids '^inner uid 1000 inside is 0 outside$' 'the user has another number'
fi
expect_output '' wolffia ps -aq
expect_error 125 'needs a cgroup' wolffia explain --cpus 1 --strict test

# A container that exists is explained with what it was made with, wherever that is asked.
expect_status 0 wolffia run --name one --net host -v ./vol:/mnt/vol test true
(cd / && expect_match 'mount +--volume +/mnt/vol: .*/vol rbind' wolffia explain one)
expect_match "network +--network host +the host's" wolffia explain one
expect_status 0 wolffia rm one
expect_match 'storage +the directory itself +/' wolffia explain "$BUNDLE/rootfs"
expect_error 125 'is a bundle' wolffia explain "$BUNDLE"
expect_error 125 'could not be fetched' wolffia explain "oci:$TMP/absent"

# --dry-run: first whose ids all else is about.
for root in test "$BUNDLE/rootfs"; do
  expect_match "^  uid 0 inside is $(id -u) outside" wolffia run --dry-run "$root" true
  expect_equal "$(head -n 1 "$TMP/out" | cut -c1-24)" 'outer user namespace new' "the first line of --dry-run"
done
