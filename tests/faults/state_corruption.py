# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""Whatever happens to the files of a container's state, `delete --force` needs only the id and leaves nothing.

Every corruption is tried at five points of a container's life. The other commands may refuse, but in words.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import SUPPORT, ContainerTest, main, processes_naming, wait_for  # noqa: E402

NOISE = bytes((i * 7919 + 13) % 256 for i in range(4096))
DEEP = b"[" * 200_000


def overwrite(path, content):
    """The same file with other content; where something else is in the place, a new file."""
    with open(path, "wb") as file:
        file.write(content)


def instead(path, make):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
    make(path)


def content(path):
    with open(path, "rb") as file:
        return file.read()


def directory_with_files(path):
    os.makedirs(path + "/a/b/c")
    overwrite(path + "/a/file", b"x")


def edit(path, change):
    if os.path.exists(path):
        overwrite(path, change(content(path)))


def sparse(path):
    overwrite(path, b"{")
    os.truncate(path, 1 << 34)


def bound_socket(path):
    with socket.socket(socket.AF_UNIX) as end:
        directory = os.open(os.path.dirname(path), os.O_PATH)
        end.bind(f"/proc/self/fd/{directory}/{os.path.basename(path)}")
        os.close(directory)


def wrong_types(text):
    """Every value of the object has another type."""
    try:
        values = json.loads(text)
    except ValueError:
        return b'{"id": 1, "init": [], "pid": "x"}'
    return json.dumps({key: [value] for key, value in values.items()}).encode()


def other_number(bystander):
    """All numbers of the file become the pid of somebody who has nothing to do with it."""
    return lambda text: re.sub(rb"\b\d{2,}\b", str(bystander).encode(), text)


def add_clutter(entry):
    directory_with_files(os.path.join(entry, "clutter"))
    os.mkfifo(os.path.join(entry, "fifo"))
    bound_socket(os.path.join(entry, "socket"))
    os.symlink("/etc/passwd", os.path.join(entry, "link"))
    os.symlink("..", os.path.join(entry, "up"))
    overwrite(os.path.join(entry, "-rf"), b"")
    os.makedirs(os.path.join(entry, *["d" * 200] * 15))


def empty_entry(entry):
    shutil.rmtree(entry)
    os.mkdir(entry, 0o700)


def noise_everywhere(entry):
    for name in os.listdir(entry):
        instead(os.path.join(entry, name), lambda path: overwrite(path, NOISE))


def of_state(change):
    return lambda entry, bystander: change(os.path.join(entry, "state.json"))


def of_recovery(change):
    return lambda entry, bystander: change(os.path.join(entry, "recovery"))


# What is done to the directory of a container; `bystander` is the pid of a process that must survive.
CORRUPTIONS = {
    "state missing": of_state(lambda path: instead(path, lambda _: None)),
    "state empty": of_state(lambda path: overwrite(path, b"")),
    "state cut": of_state(lambda path: edit(path, lambda text: text[:len(text) // 2])),
    "state random": of_state(lambda path: overwrite(path, NOISE)),
    "state 200,000 deep": of_state(lambda path: overwrite(path, DEEP)),
    "state with NUL": of_state(lambda path: edit(path, lambda text: text.replace(b":", b"\0"))),
    "state no UTF-8": of_state(lambda path: edit(path, lambda text: text.replace(b"a", b"\xff"))),
    "state another type": of_state(lambda path: edit(path, wrong_types)),
    "state a number": of_state(lambda path: overwrite(path, b"1")),
    "state a directory": of_state(lambda path: instead(path, directory_with_files)),
    "state a link": of_state(lambda path: instead(path, lambda at: os.symlink("/etc/passwd", at))),
    "state a link to itself": of_state(lambda path: instead(path, lambda at: os.symlink("state.json", at))),
    "state a fifo": of_state(lambda path: instead(path, os.mkfifo)),
    "state a socket": of_state(lambda path: instead(path, bound_socket)),
    "state unreadable": of_state(lambda path: os.chmod(path, 0) if os.path.exists(path) else None),
    "state of 16 GiB": of_state(sparse),
    "state of a bystander": lambda entry, who: edit(entry + "/state.json", other_number(who)),
    "recovery missing": of_recovery(lambda path: instead(path, lambda _: None)),
    "recovery random": of_recovery(lambda path: overwrite(path, NOISE)),
    "recovery a directory": of_recovery(lambda path: instead(path, directory_with_files)),
    "recovery a fifo": of_recovery(lambda path: instead(path, os.mkfifo)),
    "recovery of a bystander": lambda entry, who: edit(entry + "/recovery", other_number(who)),
    "config random": lambda entry, who: overwrite(entry + "/config.json", NOISE),
    "gate missing": lambda entry, who: instead(entry + "/gate", lambda _: None),
    "trace missing": lambda entry, who: instead(os.path.join(os.path.dirname(entry), "@" + os.path.basename(entry)),
                                                lambda _: None),
    "everything random": lambda entry, who: noise_everywhere(entry),
    "nothing left": lambda entry, who: empty_entry(entry),
    "directory closed": lambda entry, who: os.chmod(entry, 0),
    "clutter": lambda entry, who: add_clutter(entry),
}


class StateCorruption(ContainerTest):
    def sleeping_bundle(self, container):
        bundle = self.bundle("/bin/sh", "-c", "sleep 1000", container)
        bundle.write()
        return bundle

    def point_created(self, container):
        self.assert_ran(self.oci("create", "--bundle", self.sleeping_bundle(container).path, container))

    def point_running(self, container):
        self.assert_ran(self.oci("run", "--detach", "--bundle", self.sleeping_bundle(container).path, container))

    def point_after_exec(self, container):
        self.point_running(container)
        self.assert_ran(self.oci("exec", "--detach", container, "/bin/sh", "-c", "sleep 1000", container))

    def point_stopped(self, container):
        self.point_running(container)
        self.assert_ran(self.oci("kill", container, "KILL"))
        self.wait_until_stopped(container)

    def point_create_killed(self, container):
        """The starter dies as late as possible: files are there, and nobody has been told."""
        bundle = self.sleeping_bundle(container)
        for call in range(len(self.recorded_calls()) - 1, 0, -1):
            orders = ["0", str(call), "KILL", "--", *self.oci_words(), "create", "--bundle", bundle.path, container]
            done = subprocess.run([os.path.join(SUPPORT, "inject"), *orders], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30, check=False)
            if done.returncode == 128 + signal.SIGKILL and os.path.isdir(os.path.join(self.root, container)):
                return
            self.oci("delete", "--force", container)
        self.fail("no kill leaves a directory")

    calls_of_create = None

    def recorded_calls(self):
        if StateCorruption.calls_of_create is None:
            container = self.new_id()
            output = os.path.join(self.dir, "calls")
            with open(output, "wb") as out:
                words = [os.path.join(SUPPORT, "inject"), "record", "--", *self.oci_words(), "create", "--bundle",
                         self.sleeping_bundle(container).path, container]
                subprocess.run(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=30, check=False)
            self.oci("delete", "--force", container)
            StateCorruption.calls_of_create = [line for line in content(output).splitlines() if line.startswith(b"0 ")]
        return StateCorruption.calls_of_create

    def try_corruption(self, point, corrupt, bystander):
        container = self.new_id()
        getattr(self, "point_" + point)(container)
        corrupt(os.path.join(self.root, container), bystander.pid)
        for words in (["list"], ["state", container], ["ps", container]):
            self.assert_no_crash(self.oci(*words))
        done = self.oci("delete", "--force", container)
        self.assert_ran(done)
        self.assertEqual(self.left_in_state(container), [])
        # Of a starter that was killed the child ends by itself, when it sees that it is alone.
        wait_for(lambda: not processes_naming(container), seconds=3 if point == "create_killed" else 0)
        self.assertEqual(processes_naming(container), {})
        self.assertIsNone(bystander.poll(), "somebody else's process was killed")

    def matrix(self, point):
        with subprocess.Popen(["sleep", "1000"]) as bystander:
            self.addCleanup(bystander.wait)
            self.addCleanup(bystander.kill)
            try:
                for name, corrupt in CORRUPTIONS.items():
                    with self.subTest(name):
                        self.try_corruption(point, corrupt, bystander)
            finally:
                bystander.kill()

    def test_created(self):
        self.matrix("created")

    def test_running(self):
        self.matrix("running")

    def test_stopped(self):
        self.matrix("stopped")

    def test_killed_while_creating(self):
        self.matrix("create_killed")

    def test_after_exec(self):
        self.matrix("after_exec")

    def test_an_unknown_id(self):
        self.assert_ran(self.oci("delete", "--force", "nobody-knows-this"))


if __name__ == "__main__":
    main()
