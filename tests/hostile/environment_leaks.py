# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""The environment inside is the bundle's, byte for byte; nothing of the caller's comes along, in run, exec or hooks."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ENVIRONMENT, ContainerTest, main  # noqa: E402

# What a caller may carry, and what would mean something to a program inside.
CALLER = {
    "WOLFFIA_CANARY": "canary", "LD_LIBRARY_PATH": "/nowhere/canary",
    "SSH_AUTH_SOCK": "/run/canary", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/canary",
    "XDG_RUNTIME_DIR": os.environ["XDG_RUNTIME_DIR"], "AWS_SECRET_ACCESS_KEY": "canary", "HOME": "/canary",
    "PATH": "/canary:" + os.environ["PATH"], "USER": "canary", "TERM": "canary", "_LIBCONTAINER_CANARY": "canary",
}
RAW = "cat /proc/1/environ /proc/self/environ | tr '\\0' '\\n'"


class EnvironmentLeaks(ContainerTest):
    def assert_clean(self, text, done):
        self.assertNotIn("canary", text.lower(), done)

    def raw_bundle(self, *args):
        bundle = self.bundle(*args)
        os.symlink("busybox", bundle.inside("bin/tr"))
        return bundle

    def test_run(self):
        done = self.run_bundle(self.raw_bundle("/bin/cat", "/proc/self/environ"), env=CALLER)
        self.assert_ran(done)
        self.assertEqual(done.out, "".join(word + "\0" for word in ENVIRONMENT), done)

    def test_run_with_an_empty_environment(self):
        bundle = self.raw_bundle("/bin/cat", "/proc/self/environ")
        bundle.config["process"]["env"] = []
        done = self.run_bundle(bundle, env=CALLER)
        self.assert_ran(done)
        # HOME is filled in from the passwd of the container, runtime.md 2.18.
        self.assertIn(done.out, ("", "HOME=/root\0"), done)

    def test_exec(self):
        container = self.start_bundle(self.raw_bundle("/bin/sleep", "1000"), env=CALLER)
        done = self.oci("exec", "--env", "MORE=1", container, "/bin/cat", "/proc/self/environ", env=CALLER)
        self.assert_ran(done)
        self.assertEqual(sorted(done.out.split("\0")), sorted([*ENVIRONMENT, "MORE=1", ""]), done)
        done = self.oci("exec", container, "/bin/sh", "-c", RAW, env=CALLER)
        self.assert_clean(done.out, done)

    def test_a_hook_inside_gets_its_own(self):
        bundle = self.raw_bundle("/bin/cat", "/tmp/seen")
        bundle.config["hooks"] = {"startContainer": [
            {"path": "/bin/sh", "args": ["sh", "-c", RAW + " >/tmp/seen"], "env": ["HOOK=1", "PATH=/bin"]}]}
        done = self.run_bundle(bundle, env=CALLER)
        self.assert_ran(done)
        self.assert_clean(done.out, done)
        self.assertIn("HOOK=1", done.out)

    def test_variables_survive_as_they_are(self):
        strange = ["NEWLINE=a\nb", "EMPTY=", "EQUALS=a=b=c", "SPACE= a b ", "UNICODE=\u00e4\u2603", "LOWER=x", "TWICE=1",
                   "TWICE=2"]
        bundle = self.raw_bundle("/bin/cat", "/proc/self/environ")
        bundle.config["process"]["env"] = ["PATH=/bin", "HOME=/", *strange]
        done = self.run_bundle(bundle, env=CALLER)
        self.assert_ran(done)
        found = done.out.split("\0")
        for variable in strange[:-2]:
            self.assertIn(variable, found)
        self.assertIn("TWICE=2", found)

    def test_arguments_and_keys_show_nothing(self):
        bundle = self.raw_bundle("/bin/sh", "-c", "cat /proc/self/cmdline /proc/1/cmdline | tr '\\0' '\\n'")
        done = self.run_bundle(bundle, env=CALLER)
        self.assert_ran(done)
        self.assert_clean(done.out, done)
        self.assertNotIn(self.dir, done.out)

    def test_the_state_holds_no_environment(self):
        container = self.start_bundle(self.raw_bundle("/bin/sleep", "1000"), env=CALLER)
        done = self.oci("state", container, env=CALLER)
        self.assert_clean(json.dumps(json.loads(done.out)), done)


if __name__ == "__main__":
    main()
