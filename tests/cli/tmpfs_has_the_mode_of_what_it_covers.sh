#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Unless its options have one; a new mount point is 1777 only for /dev/shm.
. "$TOP/tests/support/lib.sh"

edit_config '.mounts += [{destination: "/covered", type: "tmpfs", source: "tmpfs"},
  {destination: "/explicit", type: "tmpfs", source: "tmpfs", options: ["mode=711"]}]'
mkdir -m 0750 "$BUNDLE/rootfs/covered"
mkdir -m 0750 "$BUNDLE/rootfs/explicit"
set_args /bin/stat -c %a /covered /explicit /dev/shm
expect_output "750
711
1777" run_bundle
