# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""No container changes the runtime's binary, whoever owns it: /proc/self/exe as program, as interpreter, in a race.

CVE-2019-5736.
"""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ALL_CAPABILITIES, FULL, OCI, SUPPORT, ContainerTest, id_ranges, main, sha256, wait_for  # noqa: E402

RACES = 1000 if FULL else 200
LOADERS = ("lib64/ld-linux-x86-64.so.2", "lib/ld-linux.so.2", "lib/ld-linux-aarch64.so.1")


class OwnBinary(ContainerTest):
    def setUp(self):
        super().setUp()
        self.installed = os.path.join(self.dir, "bin", os.path.basename(OCI))
        os.mkdir(os.path.dirname(self.installed))
        shutil.copy(OCI, self.installed)
        os.chmod(self.installed, 0o755)
        self.before = sha256(self.installed)

    def give_away(self):
        """Makes a subordinate id the owner: as with root's binary, nobody in the container may write to it."""
        if not id_ranges():
            self.skipTest("this user has no subordinate ids")
        subprocess.run(["unshare", "--map-root-user", "--map-auto", "chown", "1:1", self.installed], check=True)

    def hostile_bundle(self, *args):
        bundle = self.bundle(*args)
        bundle.config["process"]["capabilities"] = ALL_CAPABILITIES
        bundle.config["process"]["noNewPrivileges"] = False
        for loader in LOADERS:
            os.makedirs(os.path.dirname(bundle.inside(loader)), exist_ok=True)
            bundle.install(os.path.join(SUPPORT, "interpreter"), loader)
        bundle.helper("overwrite")
        bundle.file("script", "#!/proc/self/exe\n", 0o755)
        return bundle

    def installed_oci(self, *args):
        try:
            return self.oci(*args, program=self.installed)
        except OSError as error:
            return self.fail(f"what was the runtime can't be executed any more: {error}")

    def run_installed(self, bundle):
        """In the background, so that no process of the runtime keeps the binary busy; returns what was printed."""
        bundle.write()
        container = self.new_id()
        output = os.path.join(self.dir, container)
        with open(output, "wb") as out:
            args = [self.installed, "--root", self.root, "run", "--detach", "--bundle", bundle.path, container]
            subprocess.run(args, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=30, check=False)
        return container, output

    def assert_unchanged(self, output):
        with open(output, encoding="utf-8", errors="replace") as file:
            text = file.read()
        self.assertNotIn("OVERWRITTEN", text)
        self.assertEqual(sha256(self.installed), self.before, text)
        return text

    def attack(self, program):
        container, output = self.run_installed(self.hostile_bundle(program))
        self.wait_until_stopped(container)
        # A program linked dynamically lets the container's loader try; of a static one nothing is the container's.
        self.assertRegex(self.assert_unchanged(output), "refused|^wolffia-oci: (unknown command|a command is missing)",
                         "the attack did not even begin")

    def test_as_the_program(self):
        self.attack("/proc/self/exe")

    def test_as_the_interpreter_of_a_script(self):
        self.attack("/script")

    def test_as_the_program_of_a_binary_that_is_not_ours(self):
        self.give_away()
        self.attack("/proc/self/exe")

    def test_as_the_program_of_exec(self):
        container, output = self.run_installed(self.hostile_bundle("/bin/sleep", "1000"))
        for program in ("/proc/self/exe", "/script"):
            self.installed_oci("exec", container, program)
        self.assert_unchanged(output)

    def test_a_container_that_waits_to_be_started(self):
        """Its first process is still the runtime, and `exec` may already bring somebody in."""
        bundle = self.hostile_bundle("/bin/sleep", "1000")
        bundle.write()
        container = self.new_id()
        self.assert_ran(self.installed_oci("create", "--bundle", bundle.path, container))
        output = os.path.join(self.dir, container)
        words = ["exec", "--detach", container, "/overwrite", "hunt", "/overwrite", "/bin/busybox"]
        with open(output, "wb") as out:
            subprocess.run([*self.oci_words(self.installed), *words], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                           timeout=30, check=True)
        self.assertTrue(wait_for(lambda: "ready" in self.assert_unchanged(output)))
        self.assert_ran(self.installed_oci("start", container))
        bundle.file("stop", "")
        self.installed_oci("delete", "--force", container)
        self.assert_unchanged(output)

    def test_racing_executions(self):
        bundle = self.hostile_bundle("/overwrite", "hunt", "/overwrite", "/bin/busybox")
        container, output = self.run_installed(bundle)
        for number in range(RACES):
            program = ("/bin/true", "/proc/self/exe")[number % 2]
            self.assert_no_crash(self.installed_oci("exec", container, program))
        pidfd = os.pidfd_open(self.pid_of(container))
        bundle.file("stop", "")
        self.wait_for_end(pidfd)
        self.assertIn("ready", self.assert_unchanged(output))


if __name__ == "__main__":
    main()
