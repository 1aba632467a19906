#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A union of directories of the host, mounted by the kernel; what it refuses is told in its words.
. "$TOP/tests/support/lib.sh"

mkdir low up work
echo low >low/file
edit_config --arg top "$TMP" '.mounts += [{destination: "/union", type: "overlay", source: "overlay",
  options: ["lowerdir=\($top)/low", "upperdir=\($top)/up", "workdir=\($top)/work", "userxattr", "nosuid"]}]'
set_args /bin/sh -c 'cat /union/file; echo new >/union/file; grep -c " /union overlay .*nosuid" /proc/self/mounts'
expect_output 'low
1' run_bundle
expect_equal "$(cat low/file up/file)" 'low
new' 'the layers'

edit_config '.mounts[-1].options = ["lowerdir=/nowhere"]'
expect_error 1 'on /union: option lowerdir=/nowhere: ' run_bundle

# A file system of FUSE wants the descriptor of whoever serves it.
edit_config '.mounts[-1] = {destination: "/served", type: "fuse", source: "none", options: ["rootmode=040000", "user_id=0", "group_id=0"]}'
expect_error 1 'on /served: ' run_bundle
