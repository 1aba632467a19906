# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""Nothing inside types at the caller's terminal: TIOCSTI and TIOCLINUX, with and without dirty upper bits.

CVE-2017-5226, CVE-2019-10063, CVE-2023-28100; seccomp rules compare what the kernel compares.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main  # noqa: E402
from terminal import Terminal  # noqa: E402

DENIED = 99  # an errno nothing else returns
TIOCSTI, TIOCLINUX = 0x5412, 0x541C


def deny(number, operator="SCMP_CMP_EQ"):
    mask = {"value": 0xFFFFFFFF, "valueTwo": number} if operator == "SCMP_CMP_MASKED_EQ" else {"value": number}
    return {"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": DENIED,
            "args": [{"index": 1, "op": operator, **mask}]}


class TerminalInput(ContainerTest):
    def run_on_terminal(self, bundle, *args):
        """Runs with the caller's terminal as its controlling one, and shows what was typed at it."""
        bundle.write()
        # `read` sees what was pushed at this terminal once the runtime has returned.
        script = '"$@"; status=$?; stty -icanon min 0 time 1; pushed=$(cat); echo "PUSHED[$pushed] $status"'
        words = ["sh", "-c", script, "sh", *self.oci_words(), *(args or ("run", "--bundle", bundle.path, self.new_id()))]
        with Terminal(words) as terminal:
            out = terminal.read_to_end()
            terminal.wait()
        return out

    def assert_nothing_pushed(self, out):
        self.assertIn("TIOCSTI", out)
        self.assertIn("PUSHED[] 0", out)

    def pushing_bundle(self, terminal):
        bundle = self.bundle()
        bundle.config["process"]["args"] = [bundle.helper("tty_push"), "wolffia"]
        bundle.config["process"]["terminal"] = terminal
        return bundle

    def test_run_on_the_caller_s_terminal(self):
        out = self.run_on_terminal(self.pushing_bundle(terminal=False))
        self.assert_nothing_pushed(out)
        for line in out.splitlines():
            if line.startswith(("TIOCSTI", "TIOCSCTTY")):
                self.assertNotEqual(line.split()[1], "0", out)

    def test_run_on_its_own_terminal(self):
        """There it may push as it likes; it is the relay that must not carry it back."""
        self.assert_nothing_pushed(self.run_on_terminal(self.pushing_bundle(terminal=True)))

    def test_exec_on_the_caller_s_terminal(self):
        bundle = self.pushing_bundle(terminal=False)
        push = bundle.config["process"]["args"]
        bundle.config["process"]["args"] = ["/bin/sleep", "1000"]
        container = self.start_bundle(bundle)
        self.assert_nothing_pushed(self.run_on_terminal(bundle, "exec", container, *push))
        self.assert_nothing_pushed(self.run_on_terminal(bundle, "exec", "--tty", container, *push))

    def seccomp_answers(self, *rules):
        bundle = self.pushing_bundle(terminal=True)
        bundle.config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": list(rules),
                                             "architectures": ["SCMP_ARCH_X86_64"]}
        out = self.run_on_terminal(bundle)
        self.assert_nothing_pushed(out)
        return [line.split() for line in out.replace("\r", "").splitlines() if line.startswith("TIOC")]

    def test_a_filter_compares_as_the_kernel_does(self):
        for operator in ("SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"):
            with self.subTest(operator):
                answers = self.seccomp_answers(deny(TIOCSTI, operator), deny(TIOCLINUX, operator))
                self.assertGreaterEqual(len(answers), 15)
                for name, error in answers:
                    if name != "TIOCSCTTY":
                        self.assertEqual(int(error), DENIED, name)

    def test_conditions_of_one_rule_hold_together(self):
        """runc CVE-2017-18367: an AND of two arguments is no OR."""
        both = deny(TIOCSTI)
        both["args"].append({"index": 0, "op": "SCMP_CMP_EQ", "value": 1})
        answers = self.seccomp_answers(both)
        denied = [error for name, error in answers if name == "TIOCSTI"]
        self.assertEqual([int(error) == DENIED for error in denied], [False, True, False])


if __name__ == "__main__":
    main()
