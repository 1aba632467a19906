#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# session: login
# wolffia run keeps limits by a scope of the user's systemd; a batch job stays where it is.
. "$VM_SHARE/lib.bash"
export WOLFFIA_STORE=$HOME/store
check pull wolffia-image pull -q --name test "oci:$VM_SHARE/image"
files='for f in memory.max memory.swap.max cpu.max pids.max; do cat /sys/fs/cgroup/$f; done'
wanted='67108864
67108864
50000 100000
20'
limits='--memory 64m --cpus 0.5 --pids-limit 20 --strict'

# shellcheck disable=SC2086
said=$(wolffia run --rm --net none $limits test sh -c "$files" 2>&1)
check 'limits are those of its cgroup' equal "$said" "$wanted"
# shellcheck disable=SC2086
check 'explain says so' grep -q 'limits all processes together, of a scope of your systemd' \
  <(wolffia explain $limits --net none test)

# shellcheck disable=SC2086
check 'in the background' wolffia run -d --name one --net none $limits test sleep 1000
check exec equal "$(wolffia exec one cat /sys/fs/cgroup/pids.max)" 20
check stats wolffia stats --no-stream one
scope=$(cgroup_of "$(wolffia inspect one | jq '.[0].pid // .pid')")
check 'it is in a scope' grep -q '^/user.slice/user-1000.slice/user@1000.service/user.slice/wolffia-.*\.scope/container$' <<<"$scope"
check stop wolffia stop -t 1 one
check 'the scope goes' eventually test ! -e "/sys/fs/cgroup$scope"
check 'start again' wolffia start one
check 'with its limits' equal "$(wolffia exec one cat /sys/fs/cgroup/pids.max)" 20
check rm wolffia rm -f one

wolffia run --rm --net none --memory 16m test dd if=/dev/zero of=/dev/shm/full bs=1M count=60
check 'a hog is killed' equal "$?" 137
mkdir -p "$HOME/plain"
cp -r "$VM_SHARE/rootfs/." "$HOME/plain"
check 'a plain directory too' equal "$(wolffia run --net none --pids-limit 7 "$HOME/plain" cat /sys/fs/cgroup/pids.max)" 7
finish
