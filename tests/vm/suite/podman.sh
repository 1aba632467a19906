#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# session: login
# Podman with our runtime and systemd's cgroups, as it is on a desktop.
. "$VM_SHARE/lib.bash"
cp -r "$VM_SHARE/rootfs" "$HOME/rootfs"
podman() { command podman --runtime "$VM_SHARE/wolffia/bin/wolffia-oci" --cgroup-manager systemd "$@"; }
in_root() { podman run --net none "$@"; }

said=$(in_root --rm --memory 64m --pids-limit 20 --cpus 0.5 --rootfs "$HOME/rootfs" \
  sh -c 'cd /sys/fs/cgroup; cat memory.max pids.max cpu.max')
check 'limits' equal "$said" '67108864
20
50000 100000'
check 'in the background' in_root -d --name one --memory 64m --rootfs "$HOME/rootfs" sleep 1000
check exec equal "$(podman exec one echo hello)" hello
check pause podman pause one
check 'paused' equal "$(podman inspect -f '{{.State.Status}}' one)" paused
check unpause podman unpause one
check stats podman stats --no-stream one
check top podman top one
check update podman update --memory 128m one
check 'updated' equal "$(podman exec one cat /sys/fs/cgroup/memory.max)" 134217728
check stop podman stop -t 1 one
check 'start again' podman start one
check rm podman rm -f -t 1 one
check pod podman pod create --name pod --infra=false
check 'in a pod' equal "$(in_root --rm --pod pod --rootfs "$HOME/rootfs" echo hello)" hello
check 'remove it' podman pod rm -f pod
finish
