#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Unless its options have one; a new mount point is 1777 only for /dev/shm. Roots that the kernel makes keep theirs.
. "$TOP/tests/support/lib.sh"

edit_config '.mounts += [{destination: "/covered", type: "tmpfs", source: "tmpfs"},
  {destination: "/explicit", type: "tmpfs", source: "tmpfs", options: ["mode=711"]}]'
mkdir -m 0750 "$BUNDLE/rootfs/covered"
mkdir -m 0750 "$BUNDLE/rootfs/explicit"
mkdir -p "$BUNDLE/rootfs/proc" "$BUNDLE/rootfs/dev/mqueue"
chmod 0700 "$BUNDLE/rootfs/proc" "$BUNDLE/rootfs/dev/mqueue"
set_args /bin/stat -c %a /covered /explicit /dev/shm /proc /dev/mqueue
expect_output "750
711
1777
555
1777" run_bundle
