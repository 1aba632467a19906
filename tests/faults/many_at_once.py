# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""Many at once: of eight that create the same container exactly one wins, and two hundred containers leave nothing."""
import concurrent.futures
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, ContainerTest, entries, main, processes_naming  # noqa: E402

CONTAINERS, AT_ONCE = (1000, 200) if FULL else (200, 20)
ROUNDS = 50 if FULL else 12


class ManyAtOnce(ContainerTest):
    def test_one_of_eight_wins(self):
        for _ in range(ROUNDS):
            container = self.new_id()
            bundle = self.bundle("/bin/sh", "-c", "sleep 1000", container)
            bundle.write()
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                all_done = list(pool.map(lambda _: self.oci("create", "--bundle", bundle.path, container), range(8)))
            winners = sum(done.status == 0 for done in all_done)
            self.assertEqual(winners, 1, "\n".join(map(str, all_done)))
            for done in all_done:
                if done.status != 0:
                    self.assert_refused(done)
                    self.assertIn(container, done.err)
            self.assert_ran(self.oci("start", container))
            self.assertIn('"running"', self.oci("state", container).out)
            self.assert_ran(self.oci("delete", "--force", container))
            self.assertEqual(processes_naming(container), {})

    def test_deleting_at_once(self):
        for _ in range(ROUNDS):
            container = self.start_bundle(self.bundle("/bin/sleep", "1000"))
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                for done in pool.map(lambda _: self.oci("delete", "--force", container), range(8)):
                    self.assert_ran(done)
            self.assertEqual(self.left_in_state(container), [])

    def life(self, number):
        """All that a caller does with one container."""
        container = f"many{os.getpid()}-{number}"
        for words in (["create", "--bundle", self.shared, container], ["start", container],
                      ["exec", container, "/bin/true"], ["kill", container, "KILL"]):
            done = self.oci(*words)
            if done.status != 0:
                return done
        return self.oci("delete", "--force", container)

    def test_two_hundred_leave_nothing(self):
        bundle = self.bundle("/bin/sleep", "1000")
        bundle.write()
        self.shared = bundle.path
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for done in pool.map(self.life, range(CONTAINERS)):
                self.assert_ran(done)
        left = [name for name in entries(self.root) if "many" in name]
        self.assertEqual(left, [])
        self.assertEqual(processes_naming(f"many{os.getpid()}-"), {})


if __name__ == "__main__":
    main()
