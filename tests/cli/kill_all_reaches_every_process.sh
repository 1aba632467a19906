#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --all, as containerd and Slurm give it.
. "$TOP/tests/support/lib.sh"

cat >"$BUNDLE/rootfs/worker" <<'END'
#!/bin/sh
trap 'echo $1 >>/got' USR1
echo "$1" >>/ready
while :; do sleep 0.05; done
END
chmod +x "$BUNDLE/rootfs/worker"
edit_config '.root.readonly = false'
set_args /bin/sh -c '/worker a & /worker b & exec /worker init'
expect_status 0 run_bundle --detach
wait_for 20 sh -c "[ \$(wc -l <'$BUNDLE/rootfs/ready') = 3 ]"
expect_status 0 oci kill "$ID" USR1
wait_for 20 test -s "$BUNDLE/rootfs/got"
expect_equal "$(cat "$BUNDLE/rootfs/got")" init 'who got it without --all'
expect_status 0 oci kill --all "$ID" KILL
wait_for 20 has_status stopped
expect_status 0 oci delete "$ID"
