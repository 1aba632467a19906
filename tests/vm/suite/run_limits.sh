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
check stats grep -Eq '^[^ ]+ +one +[0-9.]+ +[0-9.]+ [KM]iB / 64.0 MiB cgroup .* [0-9]+ / 20$' <(wolffia stats --no-stream one)
check 'stats --json' equal "$(wolffia stats --json one | jq -c '.[0] | [.memorySource, .memoryLimitBytes, .pidsLimit, .pids > 0]')" \
  '["cgroup",67108864,20,true]'

status() { wolffia inspect "$1" | jq -r .status; }
check pause wolffia pause one
check 'it is paused' equal "$(status one)" paused
check 'it is frozen' equal "$(of "$group" cgroup.freeze)" 1
check 'ps says so' equal "$(wolffia ps --filter status=paused --names)" one
refused=$(wolffia exec one true 2>&1)
check 'exec says what to do' grep -q 'is paused: wolffia unpause' <<<"$refused"
again=$(wolffia pause one 2>&1)
check 'once is enough' grep -q 'is paused already' <<<"$again"
check 'stats of it' wolffia stats --no-stream one
check unpause wolffia unpause one
check 'it goes on' equal "$(wolffia exec one echo hello)" hello
check update wolffia update --memory 96m --cpus 1 --pids-limit 30 one
check 'new memory.max' equal "$(of "$group" memory.max)" 100663296
check 'new cpu.max' equal "$(of "$group" cpu.max)" '100000 100000'
check 'new pids.max' equal "$(of "$group" pids.max)" 30
check 'limits are lifted' wolffia update --cpus 0 one
check 'no cpu.max' equal "$(of "$group" cpu.max)" 'max 100000'
check 'pause before stop' wolffia pause one
check stop wolffia stop -t 1 one
check 'the scope goes' eventually test ! -e "/sys/fs/cgroup${group%/container}"
check 'start again' wolffia start one
check 'with its limits' equal "$(of "$(group)" pids.max)" 30
check 'pause before rm' wolffia pause --all
check rm wolffia rm -f one
check 'one with fewer limits' wolffia run -d --name few --net none --pids-limit 20 test sleep 1000
without=$(wolffia update --memory 64m few 2>&1)
check 'a missing controller is named' grep -q 'is without the controller memory, as it was started with no --memory' <<<"$without"
check 'pause before kill' wolffia pause few
check kill wolffia kill few
check 'it ended' equal "$(wolffia wait few)" 137
check 'nobody lacked memory' equal "$(wolffia inspect few | jq .oomKilled)" false
check 'rm it' wolffia rm few

hog='dd if=/dev/zero of=/dev/shm/full bs=1M count=60'
# shellcheck disable=SC2086
said=$(wolffia run --name hog --net none --memory 16m test $hog 2>&1)
check 'a hog is killed' equal "$?" 137
check 'and that is said' grep -q 'the kernel killed 1 process of container .* for want of memory: its limit is 16777216 bytes' <<<"$said"
check 'inspect knows' equal "$(wolffia inspect hog | jq .oomKilled)" true
check 'ps too' grep -q 'exited (137, out of memory)' <(wolffia ps -a)
check 'once more' wolffia start hog
check 'it ends again' equal "$(wolffia wait hog)" 137
check 'in the background too' equal "$(wolffia inspect hog | jq .oomKilled)" true
check 'rm the hog' wolffia rm hog
said=$(wolffia run --rm --net none --pids-limit 10 test sh -c 'i=0; while [ $i -lt 30 ]; do sleep 60 & i=$((i + 1)); done' 2>&1)
check 'processes are counted' grep -q "can't fork" <<<"$said"
mkdir -p "$HOME/plain"
cp -r "$VM_SHARE/rootfs/." "$HOME/plain"
wolffia run --net none --memory 16m "$HOME/plain" dd if=/dev/zero of=/dev/shm/full bs=1M count=60
check 'of a plain directory too' equal "$?" 137
finish
