# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""A user is a number of 32 bits and nothing else: never a name to look up, never wrapped, never root by accident.

runc CVE-2016-3697, containerd CVE-2024-40635, crun CVE-2026-30892.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, id_ranges, main  # noqa: E402

# Names that are numbers, all of them root: a look-up by name would show.
PASSWD = "".join(f"{name}:x:0:0::/:/bin/sh\n" for name in ("root", "1", "42", "-1", "4294967295", "4294967296"))
GROUP = "".join(f"{name}:x:0:\n" for name in ("root", "1", "42", "-1", "4294967295", "4294967296"))

# 2^32 - 1 means "leave unchanged" to setresuid(2).
NO_IDS = [-1, 4294967295, 4294967296, 2**32 + 1, 2**63, 2**64, 1.5, "1", "0", "root", True, [0]]
NO_ID_WORDS = ["-1", "4294967295", "4294967296", "4294967297", "9223372036854775808", "18446744073709551616", "0x0",
               "1e0", " 0", "+0", "0 ", "root", "1:-1", "1:4294967295", "1:4294967296", ":", "1:", ":1", "0:0:0"]
IDS = [0, 1, 42, 1000]


class NumericUsers(ContainerTest):
    def bundle_with_names(self, *args):
        bundle = self.bundle(*args)
        bundle.file("etc/passwd", PASSWD)
        bundle.file("etc/group", GROUP)
        if ranges := id_ranges():
            bundle.config["linux"].update(ranges)
        return bundle

    def test_what_is_no_id_is_refused(self):
        bundle = self.bundle_with_names("/bin/id")
        for value in NO_IDS:
            for field in ("uid", "gid", "additionalGids"):
                with self.subTest(field=field, value=value):
                    user = {"uid": 0, "gid": 0, field: [value] if field == "additionalGids" else value}
                    bundle.config["process"]["user"] = user
                    done = self.run_bundle(bundle)
                    self.assert_refused(done)
                    self.assertEqual(done.out, "")

    def test_an_id_is_taken_as_it_is(self):
        if not id_ranges():
            self.skipTest("this user has no subordinate ids")
        bundle = self.bundle_with_names("/bin/sh", "-c", "id -u; id -g")
        for number in IDS:
            with self.subTest(number=number):
                bundle.config["process"]["user"] = {"uid": number, "gid": number}
                done = self.run_bundle(bundle)
                self.assert_ran(done)
                self.assertEqual(done.out, f"{number}\n{number}\n")

    def test_an_unmapped_id_is_refused(self):
        bundle = self.bundle("/bin/id")
        for field in ("uid", "gid"):
            bundle.config["process"]["user"] = {"uid": 0, "gid": 0, field: 7}
            self.assert_refused(self.run_bundle(bundle), field)

    def test_exec_takes_numbers_only(self):
        container = self.start_bundle(self.bundle_with_names("/bin/sleep", "1000"))
        for word in NO_ID_WORDS:
            with self.subTest(word=word):
                done = self.oci("exec", f"--user={word}", container, "/bin/id")
                self.assert_refused(done)
                self.assertEqual(done.out, "")

    def test_exec_takes_a_number_as_it_is(self):
        container = self.start_bundle(self.bundle_with_names("/bin/sleep", "1000"))
        for number in IDS if id_ranges() else [0]:
            with self.subTest(number=number):
                done = self.oci("exec", "--user", f"{number}:{number}", container, "/bin/sh", "-c", "id -u; id -g")
                self.assert_ran(done)
                self.assertEqual(done.out, f"{number}\n{number}\n")


if __name__ == "__main__":
    main()
