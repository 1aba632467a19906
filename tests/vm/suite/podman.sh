#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# session: login
# timeout: 3600
# Podman with our runtime and systemd's cgroups, as it is on a desktop.
. "$VM_SHARE/lib.bash"
runtime=$VM_SHARE/wolffia/bin/wolffia-oci
# Timers of health checks and units of systemd call Podman by themselves: they know what is in files.
mkdir -p "$HOME/.config/containers/containers.conf.d"
sed "s,/usr/bin/wolffia-oci,$runtime," "$VM_SHARE/wolffia/share/wolffia/clients/podman.conf" \
  >"$HOME/.config/containers/containers.conf.d/wolffia.conf"
podman() { command podman --cgroup-manager systemd "$@"; }
box=localhost/box:1
tar -C "$VM_SHARE/rootfs" -c . | podman import -q - $box >/dev/null
in_root() { podman run --net none "$@"; }
inspect() { podman inspect -f "$1" "$2"; }
client 'Podman with systemd and cgroups of the second version' "$(podman --version)" "$(conmon --version | head -n 1)" \
  "$(systemctl --version | head -n 1)"

row limits 'podman run --memory 64m --pids-limit 20 --cpus 0.5'
said=$(in_root --rm --memory 64m --pids-limit 20 --cpus 0.5 $box sh -c 'cd /sys/fs/cgroup; cat memory.max pids.max cpu.max')
check 'limits' equal "$said" '67108864
20
50000 100000'
row 'a hog is killed' 'podman run --memory 16m'
in_root --rm --memory 16m --memory-swap 16m $box dd if=/dev/zero of=/dev/shm/full bs=60M count=1
check 'its status' equal "$?" 137

row 'a life in the background' 'podman run -d, exec'
check 'in the background' in_root -d --name one --memory 64m $box sleep 1000
check exec equal "$(podman exec one echo hello)" hello
row pause 'podman pause, unpause'
check pause podman pause one
check 'paused' equal "$(inspect '{{.State.Status}}' one)" paused
check unpause podman unpause one
row 'stats and top' 'podman stats --no-stream, top'
check stats grep -q 67.11MB <(podman stats --no-stream --format '{{.MemUsage}}' one)
check top grep -q sleep <(podman top one)
row update 'podman update --memory 128m --cpus 0.25'
check update podman update --memory 128m --cpus 0.25 one
check 'memory' equal "$(podman exec one cat /sys/fs/cgroup/memory.max)" 134217728
check 'processor' equal "$(podman exec one cat /sys/fs/cgroup/cpu.max)" '25000 100000'
row copies 'podman cp'
echo copied >"$HOME/file"
check 'into it' podman cp "$HOME/file" one:/tmp/file
check 'is there' equal "$(podman exec one cat /tmp/file)" copied
check 'out of it' podman cp one:/etc/passwd "$HOME/passwd"
check 'came' grep -q ^root "$HOME/passwd"
row 'stop and start' 'podman stop, start, rm'
check stop podman stop -t 1 one
check 'start again' podman start one
check rm podman rm -f -t 1 one

row 'health checks' 'podman run --health-cmd CMD --health-interval 1s; podman healthcheck run'
check 'with one' in_root -d --name well --health-cmd 'test -e /tmp/well' --health-interval 1s --health-retries 1 $box sleep 1000
check 'not yet' equal "$(podman healthcheck run well >/dev/null; echo $?)" 1
podman exec well touch /tmp/well
healthy() { [ "$(inspect '{{.State.Health.Status}}' well)" = healthy ]; }
check 'healthy by its timer' eventually healthy
podman rm -f -t 0 well >/dev/null

row pods 'podman pod create, stats, top, pause, unpause, stop, start, rm; podman run --pod'
check pod podman pod create --network none --name pod
check 'first in it' podman run -d --pod pod --name first $box sleep 1000
said=$(podman run --rm --pod pod $box sh -c 'hostname; readlink /proc/self/ns/ipc')
check 'its name' equal "$(head -n 1 <<<"$said")" pod
check 'its namespace' equal "$(tail -n 1 <<<"$said")" "$(podman exec first readlink /proc/self/ns/ipc)"
check 'its stats' grep -q first <(podman pod stats --no-stream pod)
check 'its processes' grep -q 'sleep 1000' <(podman pod top pod)
check 'pause it' podman pod pause pod
check 'its state' equal "$(podman pod inspect pod | jq -r .State)" Paused
check 'unpause it' podman pod unpause pod
check 'stop it' podman pod stop -t 0 pod
check 'start it' podman pod start pod
check 'it runs again' equal "$(podman exec first echo hello)" hello
check 'remove it' podman pod rm -f -t 0 pod

row 'objects of Kubernetes' 'podman kube play FILE; podman kube down FILE'
cat >"$HOME/pod.yaml" <<'END'
apiVersion: v1
kind: Pod
metadata: {name: played}
spec:
  restartPolicy: Never
  containers:
  - name: box
    image: localhost/box:1
    imagePullPolicy: Never
    command: [sleep, "1000"]
    resources: {limits: {memory: 67108864}}
    securityContext: {readOnlyRootFilesystem: true}
END
check play podman kube play --network none "$HOME/pod.yaml"
check 'it runs' equal "$(podman exec played-box cat /sys/fs/cgroup/memory.max)" 67108864
check 'and is read-only' grep -q Read-only <(podman exec played-box touch /made 2>&1)
check down podman kube down "$HOME/pod.yaml"

row 'a unit of the user' 'podman generate systemd --new --name unit; systemctl --user start, stop'
podman create --net none --name unit $box sleep 1000 >/dev/null
mkdir -p "$HOME/.config/systemd/user"
podman generate systemd --new --name unit >"$HOME/.config/systemd/user/unit.service"
podman rm unit >/dev/null
check reload systemctl --user daemon-reload
check start systemctl --user start unit.service
check 'it is active' equal "$(systemctl --user is-active unit.service)" active
check 'it is ours' equal "$(inspect '{{.OCIRuntime}}' unit)" wolffia-oci
check 'and runs' equal "$(podman exec unit echo hello)" hello
check stop systemctl --user stop unit.service
gone() { podman container exists unit; [ $? = 1 ]; }
check 'nothing is left' eventually gone
finish
