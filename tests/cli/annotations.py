# SPDX-License-Identifier: Apache-2.0
# run: once
"""The annotations of crun that change how the runtime goes about it."""
import array
import base64
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import ContainerTest, main  # noqa: E402

LOAD_NUMBER, IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
ALLOW, ERRNO = 0x7fff0000, 0x00050000
MKDIR, MKDIRAT = {"x86_64": (83, 258), "aarch64": (34, 34)}[os.uname().machine]
PERMISSION = 1  # EPERM


def program(*instructions):
    """struct sock_filter: code, jt, jf, k."""
    return base64.b64encode(b"".join(struct.pack("=HBBI", *one) for one in instructions)).decode()


NO_MKDIR = program((LOAD_NUMBER, 0, 0, 0), (IF_EQUAL, 1, 0, MKDIR), (IF_EQUAL, 0, 1, MKDIRAT),
                   (RETURN, 0, 0, ERRNO | PERMISSION), (RETURN, 0, 0, ALLOW))


class Annotations(ContainerTest):
    def annotated(self, *args, **annotations):
        bundle = self.bundle(*args)
        bundle.config["root"]["readonly"] = False
        bundle.config["annotations"] = {"run.oci." + name.replace("__", "."): value for name, value in annotations.items()}
        return bundle

    def test_hooks_write_where_they_are_told_to(self):
        out, err = self.dir + "/out", self.dir + "/err"
        bundle = self.annotated(hooks__stdout=out, hooks__stderr=err)
        kinds = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
        bundle.config["hooks"] = {kind: [{"path": "/bin/sh", "args": ["sh", "-c", f"echo {kind}; echo {kind}! >&2"]}]
                                  for kind in kinds}
        with open(out, "w", encoding="ascii") as file:
            file.write("before\n")
        done = self.run_bundle(bundle)
        self.assert_ran(done)
        self.assertEqual((done.out, done.err), ("", ""))
        for path, wanted in ((out, ["before", *kinds]), (err, [kind + "!" for kind in kinds])):
            with open(path, encoding="ascii") as file:
                self.assertEqual(file.read().split(), wanted)

    def test_a_place_for_hooks_that_cannot_be_is_named(self):
        bundle = self.annotated(hooks__stdout=self.dir + "/none/out")
        done = self.run_bundle(bundle)
        self.assert_refused(done)
        self.assertIn("run.oci.hooks.stdout", done.err)

    def test_a_filter_that_is_brought_stands_for_the_section(self):
        bundle = self.annotated("/bin/mkdir", "/tmp/made", seccomp_bpf_data=NO_MKDIR)
        bundle.config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW"}
        for new_privileges in (False, True):
            bundle.config["process"]["noNewPrivileges"] = not new_privileges
            done = self.run_bundle(bundle)
            self.assertEqual(done.status, 1, done)
            self.assertIn("not permitted", done.err)
        del bundle.config["annotations"]
        self.assert_ran(self.run_bundle(bundle))

    def test_it_is_upon_what_is_executed_later_too(self):
        bundle = self.annotated("/bin/sleep", "1000", seccomp_bpf_data=NO_MKDIR)
        container = self.start_bundle(bundle)
        done = self.oci("exec", container, "/bin/mkdir", "/tmp/made")
        self.assertEqual(done.status, 1, done)
        self.assertIn("not permitted", done.err)

    def test_one_that_is_none_is_refused(self):
        for data in ("", "!", base64.b64encode(b"1234567").decode(), base64.b64encode(bytes(8 * 4097)).decode()):
            done = self.run_bundle(self.annotated(seccomp_bpf_data=data))
            self.assert_refused(done, data)
            self.assertIn("run.oci.seccomp_bpf_data", done.err)

    def test_names_of_no_call_are_refused_where_that_is_asked_for(self):
        def bundle(name, **annotations):
            made = self.annotated(**annotations)
            made.config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
                {"names": ["mkdir", name], "action": "SCMP_ACT_ERRNO"}]}
            return made
        self.assert_ran(self.run_bundle(bundle("no_such_call")))
        self.assert_ran(self.run_bundle(bundle("no_such_call", seccomp_fail_unknown_syscall="0")))
        self.assert_ran(self.run_bundle(bundle("setxattrat", seccomp_fail_unknown_syscall="1")))
        done = self.run_bundle(bundle("no_such_call", seccomp_fail_unknown_syscall="1"))
        self.assert_refused(done)
        self.assertIn("linux.seccomp.syscalls[0].names", done.err)
        self.assertIn("no_such_call", done.err)

    def test_whoever_asks_gets_the_process(self):
        path = self.dir + "/receiver"
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            listener.listen()
            bundle = self.annotated("/bin/sleep", "1000", pidfd_receiver=path)
            container = self.start_bundle(bundle)
            with listener.accept()[0] as connection:
                _, ancillary, _, _ = connection.recvmsg(64, socket.CMSG_SPACE(4))
        fds = array.array("i", ancillary[0][2])
        with open(fds[0], "rb"), open(f"/proc/self/fdinfo/{fds[0]}", encoding="ascii") as info:
            self.assertIn(f"Pid:\t{self.pid_of(container)}\n", info.read())


if __name__ == "__main__":
    main()
