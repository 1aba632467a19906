# SPDX-License-Identifier: Apache-2.0
"""SCMP_ACT_NOTIFY: whoever listens at listenerPath gets the filter's listener with the process state of the
specification, for a container's first process and for those that join it, and its answers are what calls return."""
import array
import errno
import fcntl
import json
import os
import socket
import struct
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import PATIENCE, ContainerTest, main  # noqa: E402

# seccomp_unotify(2): struct seccomp_notif and seccomp_notif_resp, and their ioctls.
RECEIVE, SEND = 0xC0502100, 0xC0182101
NOTIFICATION, ANSWER = "=QIIiIQ6Q", "=QqiI"
REFUSED = ("linux.seccomp.syscalls[0].action: SCMP_ACT_NOTIFY cannot be used for the {} system call, which starting "
           "a process takes: leave it out")


class Agent(threading.Thread):
    """Takes one process's listener and answers its first notification with an error."""

    def __init__(self, server, error):
        super().__init__()
        self.server, self.error = server, error
        self.state = self.pid = None

    def run(self):
        connection, _ = self.server.accept()
        with connection:
            text, control, _, _ = connection.recvmsg(1 << 16, socket.CMSG_SPACE(4))
            (_, _, data), = control
            listener = array.array("i", data)[0]
            self.state = json.loads(text)
        request = bytearray(struct.calcsize(NOTIFICATION))
        fcntl.ioctl(listener, RECEIVE, request)
        number, self.pid = struct.unpack(NOTIFICATION, request)[:2]
        fcntl.ioctl(listener, SEND, bytearray(struct.pack(ANSWER, number, 0, -self.error, 0)))
        os.close(listener)


class Notifications(ContainerTest):
    def section(self, *calls):
        self.path = os.path.join(self.dir, "agent.sock")
        return {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": self.path, "listenerMetadata": "\"@PID@\"",
                "syscalls": [{"names": list(calls), "action": "SCMP_ACT_NOTIFY"}]}

    def notifying(self, *args, new_privileges=True):
        bundle = self.bundle(*args)
        bundle.config["linux"]["seccomp"] = self.section("mkdir", "mkdirat")
        bundle.config["process"]["noNewPrivileges"] = not new_privileges
        return bundle

    def agent(self, error=errno.EXDEV):
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(server.close)
        server.settimeout(PATIENCE)
        if os.path.exists(self.path):
            os.unlink(self.path)
        server.bind(self.path)
        server.listen()
        agent = Agent(server, error)
        agent.start()
        self.addCleanup(agent.join)
        return agent

    def test_its_answer_is_what_the_call_returns(self):
        for new_privileges in (True, False):
            bundle = self.notifying("mkdir", "/made", new_privileges=new_privileges)
            agent = self.agent()
            done = self.run_bundle(bundle)
            agent.join()
            self.assertEqual(done.status, 1, done)
            self.assertIn(os.strerror(errno.EXDEV), done.err)
            self.assertFalse(os.path.exists(bundle.inside("made")))

    def test_the_process_state_is_the_specifications(self):
        bundle = self.notifying("mkdir", "/made")
        bundle.config["annotations"] = {"a": "@PID@"}
        agent = self.agent()
        self.run_bundle(bundle)
        agent.join()
        state = agent.state
        self.assertEqual(state["fds"], ["seccompFd"])
        self.assertEqual(state["metadata"], "\"@PID@\"")
        self.assertEqual(state["pid"], agent.pid)
        inner = state["state"]
        self.assertEqual((inner["id"], inner["status"], inner["pid"], inner["bundle"], inner["annotations"]),
                         (self.ids[-1], "creating", agent.pid, bundle.path, {"a": "@PID@"}))

    def test_created_containers_and_those_who_join_them_have_it(self):
        bundle = self.notifying("sh", "-c", "mkdir /made; sleep 1000")
        bundle.write()
        first = self.agent()
        container = self.new_id()
        self.assert_ran(self.oci("create", "--bundle", bundle.path, container))
        self.assert_ran(self.oci("start", container))
        first.join()
        joined = self.agent(errno.ENOSPC)
        done = self.oci("exec", container, "mkdir", "/also")
        joined.join()
        self.assertIn(os.strerror(errno.ENOSPC), done.err)
        self.assertEqual(joined.state["pid"], joined.pid)
        self.assertEqual((joined.state["state"]["status"], joined.state["state"]["pid"]),
                         ("running", self.pid_of(container)))

    def test_what_cannot_be_answered_is_refused_before_anything_is_made(self):
        bundle = self.bundle("true")
        for section, complaint in (
                (self.section("sendmsg"), REFUSED.format("sendmsg")), (self.section("write"), REFUSED.format("write")),
                ({"defaultAction": "SCMP_ACT_NOTIFY"},
                 "linux.seccomp.defaultAction must not be SCMP_ACT_NOTIFY: name the system calls to be told of in "
                 "syscalls"),
                ({**self.section("mkdir"), "listenerPath": "", "listenerMetadata": ""},
                 "linux.seccomp.listenerPath must name the socket of whoever answers SCMP_ACT_NOTIFY")):
            bundle.config["linux"]["seccomp"] = section
            done = self.run_bundle(bundle)
            self.assertEqual((done.status, done.err), (1, f"wolffia-oci: {complaint}\n"))

    def test_a_listener_that_is_not_there_is_named(self):
        bundle = self.notifying("true")
        done = self.run_bundle(bundle)
        self.assertEqual(done.status, 1, done)
        self.assertEqual(done.err, f"wolffia-oci: linux.seccomp.listenerPath {self.path}: open: "
                                   f"{os.strerror(errno.ENOENT)}\n")


if __name__ == "__main__":
    main()
