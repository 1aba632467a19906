# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""A working directory named through an open descriptor never leads to the host; none of the caller's stay open.

runc CVE-2024-21626.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main  # noqa: E402

NUMBERS = range(64)
# Where am I, as the kernel tells it; and can a file of the host be seen from here?
LOOK = "readlink /proc/self/cwd; ls -d ../../../../../../../../../..$CANARY 2>&1; ls /proc/self/fd"


class LeakedFdCwd(ContainerTest):
    def setUp(self):
        super().setUp()
        self.host_file = os.path.join(self.dir, "only-on-the-host")
        with open(self.host_file, "w", encoding="ascii") as file:
            file.write("host\n")
        # The caller has left descriptors of the host's root open, at every number that is free.
        self.leaks = []
        first = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
        for number in range(3, 64):
            if number != first:
                try:
                    os.fstat(number)
                except OSError:
                    os.dup2(first, number)
                    self.leaks.append(number)
        self.leaks.append(first)
        for fd in self.leaks:
            os.set_inheritable(fd, True)
            self.addCleanup(os.close, fd)

    def host_is_hidden(self, done):
        self.assert_no_crash(done)
        if done.status == 0:
            where, canary, *descriptors = done.out.splitlines()
            self.assertTrue(where.startswith("/") and "unreachable" not in where, done)
            self.assertIn("No such file", canary, done)
            self.assertLessEqual(set(descriptors), {"0", "1", "2", "3"}, done)  # 3 is the directory just read

    def look_bundle(self):
        bundle = self.bundle("/bin/sh", "-c", LOOK)
        bundle.config["process"]["env"].append("CANARY=" + self.host_file)
        return bundle

    def test_run(self):
        bundle = self.look_bundle()
        for directory in ("/proc/self/fd", "/proc/thread-self/fd", "/dev/fd"):
            for number in NUMBERS if directory == "/proc/self/fd" else range(3, 12):
                bundle.config["process"]["cwd"] = f"{directory}/{number}"
                self.host_is_hidden(self.run_bundle(bundle, close_fds=False))

    def test_run_through_a_link(self):
        bundle = self.look_bundle()
        for number in range(3, 12):
            bundle.replace("place", lambda path, n=number: os.symlink(f"/proc/self/fd/{n}", path))
            bundle.config["process"]["cwd"] = "/place"
            self.host_is_hidden(self.run_bundle(bundle, close_fds=False))

    def test_exec(self):
        bundle = self.look_bundle()
        bundle.config["process"]["args"] = ["/bin/sleep", "1000"]
        container = self.start_bundle(bundle)
        for number in NUMBERS:
            self.host_is_hidden(self.oci("exec", "--cwd", f"/proc/self/fd/{number}", container, "/bin/sh", "-c", LOOK,
                                         close_fds=False))

    def test_hooks_inside(self):
        """A startContainer hook runs inside: it must find no descriptor of the host either."""
        bundle = self.bundle("/bin/cat", "/tmp/seen")
        bundle.config["hooks"] = {"startContainer": [
            {"path": "/bin/sh", "args": ["sh", "-c", f"CANARY={self.host_file}; {{ {LOOK}; }} >/tmp/seen"]}]}
        done = self.run_bundle(bundle, close_fds=False)
        self.assert_ran(done)
        self.host_is_hidden(done)

    def test_the_working_directory_of_a_process_file(self):
        container = self.start_bundle(self.bundle("/bin/sleep", "1000"))
        for number in range(3, 12):
            process = {**self.look_bundle().config["process"], "cwd": f"/proc/self/fd/{number}"}
            path = os.path.join(self.dir, "process.json")
            with open(path, "w", encoding="ascii") as file:
                json.dump(process, file)
            self.host_is_hidden(self.oci("exec", "--process", path, container, close_fds=False))


if __name__ == "__main__":
    main()
