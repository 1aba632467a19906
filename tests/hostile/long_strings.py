# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""Strings beyond 64 KiB arrive whole or are refused; no length wraps on the way to the child.

runc CVE-2021-43784.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main  # noqa: E402

LONG = "x" * (70 * 1024)
WRAPS = [65535, 65536, 65537, 70 * 1024]


def set_path(config, path, value):
    for key in path[:-1]:
        config = config[key]
    config[path[-1]] = value


# Field, its value: none of these can work, each has to be refused without a crash.
REFUSED = {
    "hostname": (["hostname"], LONG),
    "domainname": (["domainname"], LONG),
    "cwd": (["process", "cwd"], "/" + LONG),
    "deep cwd": (["process", "cwd"], "/d" * (35 * 1024)),
    "program": (["process", "args"], ["/" + LONG]),
    "root": (["root", "path"], LONG),
    "mount type": (["mounts", 4, "type"], LONG),
    "mount option": (["mounts", 1, "options"], [LONG]),
    "mount source": (["mounts"], [{"destination": "/tmp", "type": "bind", "source": "/" + LONG, "options": ["bind"]}]),
    "mount target": (["mounts"], [{"destination": "/" + LONG, "type": "tmpfs", "source": "tmpfs"}]),
    "namespace path": (["linux", "namespaces", 3], {"type": "network", "path": "/" + LONG}),
    "namespace type": (["linux", "namespaces", 3], {"type": LONG}),
    "sysctl": (["linux", "sysctl"], {"net." + LONG: "1"}),
    "user mappings": (["linux", "uidMappings"],
                      [{"containerID": i * 2, "hostID": 100000 + i * 2, "size": 1} for i in range(3000)]),
    "seccomp name": (["linux", "seccomp"], {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": [LONG], "action": LONG}]}),
    "seccomp architecture": (["linux", "seccomp"], {"defaultAction": "SCMP_ACT_ALLOW", "architectures": [LONG]}),
    "seccomp listener": (["linux", "seccomp"], {"defaultAction": "SCMP_ACT_NOTIFY", "listenerPath": "/" + LONG}),
    "rlimit": (["process", "rlimits"], [{"type": LONG, "soft": 1, "hard": 1}]),
    "hook": (["hooks"], {"createRuntime": [{"path": "/" + LONG}]}),
    "device": (["linux", "devices"], [{"path": "/dev/" + LONG, "type": "c", "major": 1, "minor": 3}]),
    "propagation": (["linux", "rootfsPropagation"], LONG),
}


class LongStrings(ContainerTest):
    def test_what_cannot_work_is_refused(self):
        for name, (path, value) in REFUSED.items():
            with self.subTest(name):
                bundle = self.bundle("/bin/true")
                set_path(bundle.config, path, value)
                self.assert_refused(self.run_bundle(bundle))

    def test_arguments_and_environment_arrive_whole(self):
        for length in WRAPS:
            with self.subTest(length=length):
                text = "a" * (length - 1) + "z"
                bundle = self.bundle("/bin/sh", "-c", "echo ${#0} ${0##*a} ${#LONG} ${LONG##*a}", text)
                bundle.config["process"]["env"].append("LONG=" + text)
                done = self.run_bundle(bundle)
                self.assert_ran(done)
                self.assertEqual(done.out, f"{length} z {length} z\n")

    def test_many_groups_and_masks(self):
        bundle = self.bundle("/bin/true")
        bundle.config["linux"]["maskedPaths"] = ["/proc/kcore", *(f"/missing/{i}/{'x' * 60}" for i in range(2000))]
        bundle.config["linux"]["readonlyPaths"] = [f"/missing/{i}/{'x' * 60}" for i in range(2000)]
        self.assert_ran(self.run_bundle(bundle))

    def test_annotations_are_kept_whole(self):
        bundle = self.bundle("/bin/sleep", "1000")
        bundle.config["annotations"] = {"org.example.long": LONG, LONG: "value"}
        container = self.start_bundle(bundle)
        state = json.loads(self.oci("state", container).out)
        self.assertEqual(state["annotations"], bundle.config["annotations"])

    def test_the_command_line_is_bounded(self):
        bundle = self.bundle("/bin/true")
        bundle.write()
        for args in (["run", "--bundle", bundle.path, LONG], ["run", "--bundle", "/" + LONG, "x"], ["state", LONG],
                     ["kill", LONG, "9"], ["run", "--bundle", bundle.path, "--pid-file", "/" + LONG, "x"],
                     ["run", "--bundle", bundle.path, "--console-socket", "/" + LONG, "x"], ["delete", LONG]):
            with self.subTest(args=[word[:20] for word in args]):
                self.assert_refused(self.oci(*args))

    def test_exec_takes_long_values(self):
        container = self.start_bundle(self.bundle("/bin/sleep", "1000"))
        done = self.oci("exec", "--env", "LONG=" + LONG, container, "/bin/sh", "-c", "echo ${#LONG} ${#0}", LONG)
        self.assertEqual(done.out, f"{len(LONG)} {len(LONG)}\n", done)
        self.assert_refused(self.oci("exec", "--cwd", "/" + LONG, container, "/bin/true"))


if __name__ == "__main__":
    main()
