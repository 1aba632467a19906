#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# session: login
# wolffia run keeps limits by a scope of the user's systemd; a batch job stays where it is.
. "$VM_SHARE/lib.bash"
export WOLFFIA_STORE=$HOME/store
check pull wolffia-image pull -q --name test "oci:$VM_SHARE/image"
limits='--memory 64m --cpus 0.5 --pids-limit 20 --strict'

# shellcheck disable=SC2086
check 'explain says so' grep -q 'limits all processes together, of a scope of your systemd' \
  <(wolffia explain $limits --net none test)
quiet() { wolffia doctor --json | jq -e '[.findings[].id | select(startswith("cgroup"))] == []'; }
check 'doctor misses no cgroup' quiet
# shellcheck disable=SC2086
check 'in the background' wolffia run -d --name one --net none $limits test sleep 1000
group() { cgroup_of "$(wolffia inspect one | jq 'first(.. | .pid? // empty)')"; }
group=$(group)
check 'it is in a scope' grep -q '^/user.slice/user-1000.slice/user@1000.service/user.slice/wolffia-.*\.scope/container$' <<<"$group"
check memory.max equal "$(of "$group" memory.max)" 67108864
check memory.swap.max equal "$(of "$group" memory.swap.max)" 67108864
check cpu.max equal "$(of "$group" cpu.max)" '50000 100000'
check pids.max equal "$(of "$group" pids.max)" 20
check exec equal "$(wolffia exec one sh -c 'echo hello')" hello
check stats wolffia stats --no-stream one
check stop wolffia stop -t 1 one
check 'the scope goes' eventually test ! -e "/sys/fs/cgroup${group%/container}"
check 'start again' wolffia start one
check 'with its limits' equal "$(of "$(group)" pids.max)" 20
check rm wolffia rm -f one

wolffia run --rm --net none --memory 16m test dd if=/dev/zero of=/dev/shm/full bs=1M count=60
check 'a hog is killed' equal "$?" 137
said=$(wolffia run --rm --net none --pids-limit 10 test sh -c 'i=0; while [ $i -lt 30 ]; do sleep 60 & i=$((i + 1)); done' 2>&1)
check 'processes are counted' grep -q "can't fork" <<<"$said"
mkdir -p "$HOME/plain"
cp -r "$VM_SHARE/rootfs/." "$HOME/plain"
wolffia run --net none --memory 16m "$HOME/plain" dd if=/dev/zero of=/dev/shm/full bs=1M count=60
check 'of a plain directory too' equal "$?" 137
finish
