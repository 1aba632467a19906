#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# session: login
# wolffia-oci asks the user's systemd for scopes with limits, from a login, whose cgroup is root's.
. "$VM_SHARE/lib.bash"
bundle=$HOME/bundle
mkdir -p "$bundle"
cp -r "$VM_SHARE/rootfs" "$bundle/rootfs"
cd "$bundle" || exit 1
wolffia-oci spec --rootless

# edit JQ-PROGRAM: changes config.json
edit() { jq "$1" config.json >new.json && mv new.json config.json; }
edit '.process.args = ["sleep", "1000"] | .process.terminal = false | .linux.cgroupsPath = "user.slice:test:one" |
  .linux.resources = {memory: {limit: 67108864, swap: 134217728, reservation: 33554432},
    cpu: {shares: 512, quota: 50000, period: 100000, cpus: "0"}, pids: {limit: 20}}'

disk=$(cat /sys/class/block/vda/dev)
edit ".linux.resources.blockIO = {throttleReadBpsDevice: [{major: ${disk%:*}, minor: ${disk#*:}, rate: 1048576}]}"

# What goes on in the background has its own output: a pipe of ours would stay open.
in_background() { "$@" </dev/null >background.log 2>&1 || { cat background.log; return 1; }; }
check run in_background wolffia-oci --systemd-cgroup run -d one
pid=$(wolffia-oci state one | jq .pid)
group=$(cgroup_of "$pid")
scope=${group%/container}
check 'it is in the scope' equal "${scope##*/}" test-one.scope
check memory.max equal "$(of "$group" memory.max)" 67108864
check memory.swap.max equal "$(of "$group" memory.swap.max)" 67108864
check memory.low equal "$(of "$group" memory.low)" 33554432
check cpu.max equal "$(of "$group" cpu.max)" '50000 100000'
check cpu.weight equal "$(of "$group" cpu.weight)" 59
check io.max equal "$(of "$group" io.max)" "$disk rbps=1048576 wbps=max riops=max wiops=max"
check cpuset.cpus equal "$(of "$group" cpuset.cpus)" 0
check pids.max equal "$(of "$group" pids.max)" 20
property() { systemctl --user show --value -p "$1" test-one.scope; }
check MemoryMax equal "$(property MemoryMax)" 67108864
check TasksMax equal "$(property TasksMax)" 20
check CPUQuotaPerSecUSec equal "$(property CPUQuotaPerSecUSec)" 500ms
check AllowedCPUs equal "$(property AllowedCPUs)" 0

check 'exec from a login' wolffia-oci exec one true
check 'exec stays in it' in_background wolffia-oci exec -d one sleep 999
check ps equal "$(wolffia-oci ps --format json one | jq length)" 2
check pause wolffia-oci pause one
check 'frozen' equal "$(of "$group" cgroup.freeze)" 1
check resume wolffia-oci resume one

check update wolffia-oci update --memory 134217728 --pids-limit 30 --cpu-quota 80000 one
check 'memory.max is changed' equal "$(of "$group" memory.max)" 134217728
check 'and MemoryMax' equal "$(property MemoryMax)" 134217728
check 'pids.max is changed' equal "$(of "$group" pids.max)" 30
check 'cpu.max is changed' equal "$(of "$group" cpu.max)" '80000 100000'
check 'a reload keeps it' systemctl --user daemon-reload
check 'memory.max after it' equal "$(of "$group" memory.max)" 134217728
check 'events tell memory' equal "$(wolffia-oci events --stats one | jq '.data.memory.usage.limit')" 134217728
check 'events tell processes' equal "$(wolffia-oci events --stats one | jq '.data.pids.limit')" 30
check 'a share that is no whole percent' wolffia-oci update --cpu-quota 50000 --cpu-period 90000 one
check 'CPUQuota goes up' equal "$(property CPUQuotaPerSecUSec)" 560ms
check 'lift memory' wolffia-oci update --memory -1 one
check 'swap is lifted with it' equal "$(of "$group" memory.max) $(of "$group" memory.swap.max)" 'max max'

refused=$(wolffia-oci update --resources - one <<<'{"memory": {"limit": 4096, "checkBeforeUpdate": true}}' 2>&1)
check 'less than is in use is refused where that is asked for' grep -q 'is less than the [0-9]* bytes in use' <<<"$refused"
check 'and not written' equal "$(of "$group" memory.max)" max
pressure=$(wolffia-oci events --stats one | jq -c '[.data.cpu, .data.memory, .data.blkio | .psi.some | keys | length]')
check 'events tell pressure' equal "$pressure" '[4,4,4]'

check delete wolffia-oci delete --force one
check 'the scope goes' eventually test ! -e "/sys/fs/cgroup$scope"

mkdir "/sys/fs/cgroup$scope"
echo 1 >"/sys/fs/cgroup$scope/cgroup.freeze"
refused=$(timeout 120 wolffia-oci --systemd-cgroup run one </dev/null 2>&1)
check 'a frozen cgroup is refused' grep -q 'is frozen: thaw it first' <<<"$refused"
check 'and goes' eventually test ! -e "/sys/fs/cgroup$scope"

edit '.process.args = ["sleep", "1000"] | .linux.resources = {cpu: {period: 1000000}}'
check 'run with a period alone' in_background wolffia-oci --systemd-cgroup run -d period
check 'it is written' equal "$(of "$(cgroup_of "$(wolffia-oci state period | jq .pid)")" cpu.max)" 'max 1000000'
check 'and CPUQuotaPeriodUSec' equal "$(property CPUQuotaPeriodUSec)" 1s
check 'delete it' wolffia-oci delete --force period

# More memory than there may be.
edit '.process.args = ["dd", "if=/dev/zero", "of=/dev/shm/full", "bs=1M", "count=200"] |
  .linux.resources = {memory: {limit: 16777216, swap: 16777216}}'
wolffia-oci --systemd-cgroup run two
check 'a hog is killed' equal "$?" 137
edit '.process.args = ["sh", "-c", "i=0; while [ $i -lt 30 ]; do sleep 60 & i=$((i + 1)); done"] | .linux.resources = {pids: {limit: 10}}'
said=$(wolffia-oci --systemd-cgroup run three 2>&1)
check 'processes are counted' grep -q "can't fork" <<<"$said"
finish
