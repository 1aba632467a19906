#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# session: root
# Device rules of a container of the machine's root are asked at each access, whoever makes its cgroup.
. "$VM_SHARE/lib.bash"
bundle=/root/devices
mkdir -p "$bundle"
cp -r "$VM_SHARE/rootfs" "$bundle/rootfs"
cd "$bundle" || exit 1
wolffia-oci spec
# edit JQ-PROGRAM: changes config.json
edit() { jq "$1" config.json >new.json && mv new.json config.json; }
# Whoever may make nodes can ask for any device.
edit '.process.terminal = false | .process.capabilities |= map_values(. + ["CAP_MKNOD"]) |
  .process.args = ["sh", "-c", "mknod /tmp/full c 1 7 && mknod /tmp/fuse c 10 229 && head -c 4 /tmp/full | wc -c; { true <>/tmp/fuse; } 2>&1"] |
  .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}]'
refused="4
sh: can't create /tmp/fuse: Operation not permitted"

for way in '' --systemd-cgroup; do
  if [ -n "$way" ]; then edit '.linux.cgroupsPath = "system.slice:wolffia:devices"'; fi
  # shellcheck disable=SC2086
  run() { wolffia-oci $way run one </dev/null 2>&1; }
  edit '.linux.resources.devices = [{allow: false, access: "rwm"}]'
  check "what no rule allows is refused, but for the defaults $way" equal "$(run)" "$refused"
  edit '.linux.resources.devices += [{allow: true, type: "c", major: 10, minor: 229, access: "rw"}]'
  check "a rule that allows it does $way" equal "$(run)" '4'
  edit '.linux.resources.devices += [{allow: false, type: "c", major: 10, access: "w"}]'
  check "a later one takes a part of it $way" equal "$(run)" "$refused"
  edit '.linux.resources.devices = []'
  check "without rules it is there $way" equal "$(run)" '4'
done
check 'no cgroup is left' equal "$(find /sys/fs/cgroup -name 'wolffia-*')" ''
finish
