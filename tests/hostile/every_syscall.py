# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""A seccomp profile answers every system call number of every table the processor runs: none slips by.

CVE-2021-41133 (calls newer than a profile), and the x32 and i386 tables beside the native one.
"""
import errno
import os
import platform
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import SUPPORT, ContainerTest, main  # noqa: E402

DENIED = 99  # an errno nothing else returns
NEWEST = 439  # faccessat2, the newest call the profile below knows
LAST = 700  # well beyond the kernel's last, 470 in Linux 6.18
NEEDED = ["read", "write", "fstat", "mmap", "mprotect", "munmap", "brk", "rt_sigreturn", "ioctl", "execve", "exit",
          "readlink", "arch_prctl", "futex", "set_tid_address", "exit_group", "newfstatat", "set_robust_list",
          "prlimit64", "getrandom", "rseq", "readlinkat"]
TABLES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
MOUNT_CALLS = {"mount": 165, "umount2": 166, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431,
               "fsmount": 432, "fspick": 433, "mount_setattr": 442}


@unittest.skipUnless(platform.machine() == "x86_64", "the numbers are those of x86-64")
class EverySyscall(ContainerTest):
    def answers(self, table, first, last, seccomp):
        """{number: errno} of every call of the table, as the program inside sees them."""
        done = self.call(table, first, last, seccomp)
        self.assert_ran(done)
        return {int(number): int(error) for number, error in (line.split() for line in done.out.splitlines())}

    def call(self, table, first, last, seccomp):
        bundle = self.bundle()
        bundle.config["process"]["args"] = [bundle.helper("syscalls"), table, str(first), str(last)]
        bundle.config["linux"]["seccomp"] = seccomp
        return self.run_bundle(bundle)

    def allow_list(self, architectures):
        return {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": DENIED, "architectures": architectures,
                "syscalls": [{"names": NEEDED, "action": "SCMP_ACT_ALLOW"},
                             {"names": ["faccessat2"], "action": "SCMP_ACT_ERRNO", "errnoRet": DENIED}]}

    def test_every_number_of_the_native_table(self):
        answers = self.answers("native", 0, LAST, self.allow_list(TABLES))
        self.assertGreater(len(answers), LAST - 30)
        wrong = {number: error for number, error in answers.items()
                 if error != (DENIED if number <= NEWEST else errno.ENOSYS)}
        self.assertEqual(wrong, {}, "number: errno")

    def test_every_number_of_the_x32_table(self):
        answers = self.answers("x32", 0, LAST, self.allow_list(TABLES))
        self.assertGreater(len(answers), LAST - 30)
        wrong = {number: error for number, error in answers.items() if error not in (DENIED, errno.ENOSYS)}
        self.assertEqual(wrong, {}, "number: errno")

    def test_every_number_of_the_i386_table(self):
        if subprocess.run([SUPPORT + "/syscalls", "i386", "20", "20"], stdout=subprocess.DEVNULL, check=False).returncode < 0:
            self.skipTest("this kernel runs no 32-bit programs")
        answers = self.answers("i386", 0, LAST, self.allow_list(TABLES))
        self.assertGreater(len(answers), LAST - 40)
        wrong = {number: error for number, error in answers.items() if error not in (DENIED, errno.ENOSYS)}
        self.assertEqual(wrong, {}, "number: errno")

    def test_a_table_the_profile_leaves_out_is_no_way_around(self):
        for table in ("x32", "i386"):
            with self.subTest(table):
                done = self.call(table, 20, 20, self.allow_list(["SCMP_ARCH_X86_64"]))
                if done.status == 0:
                    self.assertIn(done.out, [f"20 {error}\n" for error in (DENIED, errno.ENOSYS, errno.EPERM)])

    def test_a_list_of_denied_calls_denies_each(self):
        deny = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": TABLES, "syscalls": [
            {"names": list(MOUNT_CALLS), "action": "SCMP_ACT_ERRNO", "errnoRet": DENIED}]}
        for name, number in MOUNT_CALLS.items():
            with self.subTest(name):
                self.assertEqual(self.answers("native", number, number, deny), {number: DENIED})


if __name__ == "__main__":
    main()
