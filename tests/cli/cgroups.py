# SPDX-License-Identifier: Apache-2.0
# timeout: 120
"""A cgroup of the container's own: limits, pause, update, events, and what is done through it."""
import contextlib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from cgroup_test import FOREVER, MOUNT, OWN, CgroupTest  # noqa: E402
from harness import OCI, PATIENCE, main, run, wait_for  # noqa: E402


class Cgroups(CgroupTest):
    # Where it is

    def test_its_processes_are_in_it_from_the_start(self):
        seen = self.run_bundle(self.limited("cat", "/proc/self/cgroup"))
        self.assertIn("0::/\n", seen.out, "its namespace begins there")
        container = self.start_bundle(self.limited())
        self.assertIn(str(self.pid_of(container)), self.file("cgroup.procs").split())
        self.assert_ran(self.oci("exec", "-d", container, "sleep", "1000"))
        self.assertEqual(self.oci("ps", "--format", "json", container).out.strip("[]\n").replace(",", "\n").split(),
                         self.file("cgroup.procs").split())
        self.delete(container)

    def test_created_containers_have_it(self):
        bundle = self.limited()
        bundle.write()
        container = self.new_id()
        self.assert_ran(self.oci("create", "--bundle", bundle.path, container))
        self.assertEqual(self.file("cgroup.procs"), str(self.pid_of(container)))
        self.assert_ran(self.oci("start", container))
        self.delete(container)

    def test_names_above_it_are_made_and_removed(self):
        deep = self.path + "/a/b"
        container = self.start_bundle(self.limited(path=deep))
        self.assertEqual(self.file("cgroup.events", deep).split()[1], "1")
        self.delete(container)

    def test_one_that_was_there_stays(self):
        os.mkdir(MOUNT + self.path)
        self.assert_ran(self.run_bundle(self.limited("true")))
        os.rmdir(MOUNT + self.path)

    def test_whoever_uses_it_next_is_left_alone(self):
        """One that has ended and the next have the same path: deleting the first takes nothing from the second."""
        first = self.start_bundle(self.limited())
        self.assert_ran(self.oci("kill", first, "KILL"))
        self.wait_until_stopped(first)
        second = self.start_bundle(self.limited())
        self.assert_ran(self.oci("delete", first))
        self.assertEqual(self.status(second), "running")
        self.assert_ran(self.oci("delete", "--force", second))
        os.rmdir(MOUNT + self.path)  # the first made it, and could not remove it

    def test_a_relative_path_is_below_the_callers(self):
        with open("/proc/self/cgroup", encoding="ascii") as file:
            own = next(line[3:].strip() for line in file if line.startswith("0::"))
        name = os.path.basename(self.path)
        container = self.start_bundle(self.limited(path=name))
        self.assertIn(str(self.pid_of(container)), self.file("cgroup.procs", f"{own}/{name}").split())
        self.delete(container)
        self.assertFalse(os.path.exists(f"{MOUNT}{own}/{name}"))

    def test_one_in_use_or_frozen_is_refused(self):
        os.mkdir(MOUNT + self.path)
        with subprocess.Popen(["sleep", "1000"]) as inside:
            self.write("cgroup.procs", str(inside.pid))
            refused = self.run_bundle(self.limited("true"))
            self.assert_refused(refused)
            self.assertIn("has processes already", refused.err)
            inside.kill()
        self.assertTrue(wait_for(lambda: "populated 0" in self.file("cgroup.events")))
        self.write("cgroup.freeze", "1")
        refused = self.run_bundle(self.limited("true"))
        self.assert_refused(refused)
        self.assertIn("is frozen: thaw it first", refused.err)
        os.rmdir(MOUNT + self.path)

    def test_one_that_is_not_ours_counts_only_for_limits(self):
        elsewhere = f"/not-yours-{os.getpid()}"
        self.assert_ran(self.run_bundle(self.limited("true", path=elsewhere)))
        refused = self.run_bundle(self.limited("true", path=elsewhere, resources={"pids": {"limit": 9}}))
        self.assert_refused(refused)
        self.assertIn("linux.resources.pids.limit can't be applied: ", refused.err)
        bundle = self.limited("true", path=elsewhere, resources={"pids": {"limit": 9}})
        bundle.config["annotations"] = {"org.wolffia.resources.optional": "true"}
        done = self.run_bundle(bundle)
        self.assert_ran(done)
        self.assertIn("pids.limit can't be applied", done.err)

    def test_a_failed_start_leaves_none(self):
        self.assert_refused(self.run_bundle(self.limited("nothing-there")))
        self.check_none_left()

    def test_a_path_that_cannot_be_made_whole_is_not_made_in_part(self):
        os.mkdir(MOUNT + self.path)
        self.write("cgroup.max.descendants", "1")
        self.assert_ran(self.run_bundle(self.limited("true", path=self.path + "/a/b")), "it stays where the caller is")
        self.assertEqual([one for one in os.listdir(MOUNT + self.path) if os.path.isdir(f"{MOUNT}{self.path}/{one}")], [])
        os.rmdir(MOUNT + self.path)

    def test_ways_up_are_refused(self):
        refused = self.run_bundle(self.limited("true", path=OWN + "/../x", resources={"pids": {"limit": 9}}))
        self.assert_refused(refused)
        self.assertIn('must not have ".."', refused.err)

    # Limits

    def test_limits_are_written(self):
        container = self.start_bundle(self.limited(resources={"unified": {"cgroup.max.depth": "3"}}))
        self.assertEqual(self.file("cgroup.max.depth"), "3")
        self.delete(container)

    def test_a_value_the_kernel_refuses_is_named(self):
        refused = self.run_bundle(self.limited("true", resources={"unified": {"cgroup.max.depth": "many"}}))
        self.assert_refused(refused)
        self.assertIn('linux.resources.unified.cgroup.max.depth: writing "many" to cgroup.max.depth', refused.err)
        self.check_none_left()
        refused = self.run_bundle(self.limited("true", resources={"unified": {"cgroup.none": "1"}}))
        self.assertIn("this kernel has no cgroup.none", refused.err)

    def test_huge_pages_are_limited(self):
        sizes = [name for name in os.listdir(MOUNT + OWN + "/leaf") if name.startswith("hugetlb.") and
                 name.endswith(".rsvd.max")]
        if not sizes:
            self.skipTest("the controller hugetlb is not in the second version of cgroups here")
        size = sizes[0].split(".")[1]
        limit = 1 << 31
        container = self.start_bundle(
            self.limited(resources={"hugepageLimits": [{"pageSize": size, "limit": limit}]}))
        self.assertEqual(self.file(sizes[0]), str(limit))
        self.delete(container)

    def test_update_hands_down_what_was_not_asked_for_before(self):
        with open(f"{MOUNT}{OWN}/cgroup.controllers", encoding="ascii") as file:
            if "hugetlb" not in file.read().split():
                self.skipTest("the controller hugetlb is not in the second version of cgroups here")
        deep = self.path + "/a/b"  # made without a controller handed down to it
        container = self.start_bundle(self.limited(path=deep))
        sizes = [name.split(".")[1] for name in os.listdir(MOUNT + OWN + "/leaf") if name.startswith("hugetlb.")]
        size = sorted(sizes or ["2MB"])[0]
        text = json.dumps({"hugepageLimits": [{"pageSize": size, "limit": 1 << 31}]})
        done = self.oci("update", "--resources", "-", container, stdin=self.text(text))
        self.assert_ran(done)
        self.assertEqual(self.file(f"hugetlb.{size}.rsvd.max", deep), str(1 << 31))
        self.delete(container)

    def test_a_controller_that_is_not_there_is_named(self):
        with open(f"{MOUNT}{OWN}/cgroup.controllers", encoding="ascii") as file:
            if "memory" in file.read().split():
                self.skipTest("the controller memory is delegated here")
        refused = self.run_bundle(self.limited("true", resources={"memory": {"limit": 1 << 25}}))
        self.assert_refused(refused)
        self.assertRegex(refused.err, "linux.resources.memory.limit can't be applied: .* does not have the "
                                      "controller memory")
        self.check_none_left()

    def test_update_changes_limits(self):
        container = self.start_bundle(self.limited())
        done = self.oci("update", "--resources", "-", container, stdin=self.text('{"unified":{"cgroup.max.depth":"5"}}'))
        self.assert_ran(done)
        self.assertEqual(self.file("cgroup.max.depth"), "5")
        for words, said in ((("--pids-limit", "x"), "--pids-limit"), ((), "needs a limit"),
                            (("-r", "-", "--memory", "1m"), "not both"), (("--memory", "1x"), "must be a size")):
            refused = self.oci("update", *words, container)
            self.assert_refused(refused)
            self.assertIn(said, refused.err)
        self.delete(container)

    def test_less_memory_than_is_in_use_is_refused_where_that_is_asked_for(self):
        container = self.start_bundle(self.limited())
        text = '{"memory": {"limit": 1, "checkBeforeUpdate": true}}'
        refused = self.oci("update", "--resources", "-", container, stdin=self.text(text))
        self.assert_refused(refused)
        self.assertIn("checkBeforeUpdate", refused.err)  # without the controller nobody knows what is in use
        self.delete(container)

    def text(self, text):
        path = os.path.join(self.dir, "input")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        file = open(path, encoding="ascii")
        self.addCleanup(file.close)
        return file

    # Pause

    def test_a_paused_container_stands_still_and_goes_on(self):
        container = self.start_bundle(self.limited("sh", "-c", "while :; do :; done"))
        self.assert_ran(self.oci("pause", container))
        self.assertEqual(self.file("cgroup.freeze"), "1")
        self.assertEqual(self.status(container), "paused")
        for words, said in ((("pause",), "is paused already"), (("start",), "resume it first"),
                            (("delete",), "is paused"), (("exec",), "--ignore-paused")):
            refused = self.oci(*words, container, *(["true"] if words == ("exec",) else []))
            self.assert_refused(refused)
            self.assertIn(said, refused.err)
        self.assertIn("paused", self.oci("list").out)
        with subprocess.Popen([*self.oci_words(), "exec", "--ignore-paused", container, "true"]) as late:
            self.assertTrue(wait_for(lambda: len(self.file("cgroup.procs").split()) > 1))
            self.assert_ran(self.oci("resume", container))
            self.assertEqual(late.wait(PATIENCE), 0)
        self.assertEqual(self.status(container), "running")
        refused = self.oci("resume", container)
        self.assertIn("is not paused", refused.err)
        self.delete(container)

    def test_a_paused_container_can_be_killed_and_deleted(self):
        container = self.start_bundle(self.limited())
        self.assert_ran(self.oci("pause", container))
        self.assert_ran(self.oci("kill", container, "KILL"))
        self.wait_until_stopped(container)
        self.assert_ran(self.oci("delete", container))
        container = self.start_bundle(self.limited())
        self.assert_ran(self.oci("pause", container))
        self.delete(container)

    def test_without_a_cgroup_it_says_how_to_get_one(self):
        container = self.start_bundle(self.bundle(*FOREVER))
        for words in (("pause",), ("update", "--pids-limit", "9"), ("events", "--stats"), ("exec", "--cgroup", "a")):
            refused = self.oci(*words, container, *(["true"] if words[0] == "exec" else []))
            self.assert_refused(refused)
            self.assertIn("has no cgroup of its own: set linux.cgroupsPath", refused.err)
        self.delete(container)

    # Without a pid namespace it is what holds the container together

    def shared(self, *args):
        bundle = self.limited(*args)
        bundle.config["linux"]["namespaces"] = [one for one in bundle.config["linux"]["namespaces"]
                                                if one["type"] != "pid"]
        bundle.config["mounts"] = [one for one in bundle.config["mounts"] if one["destination"] != "/proc"]
        bundle.config["linux"]["maskedPaths"] = bundle.config["linux"]["readonlyPaths"] = []
        return bundle

    def test_orphans_are_listed_signalled_and_ended(self):
        container = self.start_bundle(self.shared("sh", "-c", "(sleep 1000 &); exec sleep 1001"))
        self.assertTrue(wait_for(lambda: len(self.file("cgroup.procs").split()) == 2))
        pids = json.loads(self.oci("ps", "--format", "json", container).out)
        self.assertEqual(len(pids), 2)
        self.assert_ran(self.oci("kill", "--all", container, "TERM"))
        self.assertTrue(wait_for(lambda: "populated 0" in self.file("cgroup.events")))
        self.delete(container)
        container = self.start_bundle(self.shared("sh", "-c", "(sleep 1000 &); exec sleep 1001"))
        self.assertTrue(wait_for(lambda: len(self.file("cgroup.procs").split()) == 2))
        self.delete(container)

    # Exec

    def test_exec_goes_into_a_cgroup_below(self):
        container = self.start_bundle(self.limited())
        os.mkdir(MOUNT + self.path + "/below")
        self.assert_ran(self.oci("exec", "-d", "--cgroup", "below", container, "sleep", "1000"))
        self.assertEqual(len(self.file("below/cgroup.procs").split()), 1)
        self.assertEqual(len(json.loads(self.oci("ps", "--format", "json", container).out)) >= 2, True)
        for path in ("../x", "none"):
            self.assert_refused(self.oci("exec", "--cgroup", path, container, "true"))
        self.delete(container)

    def test_exec_goes_where_init_is_once_that_has_moved(self):
        container = self.start_bundle(self.limited())
        with open(f"{MOUNT}{OWN}/cgroup.controllers", encoding="ascii") as file:
            controllers = file.read().split()
        if not controllers:
            self.skipTest("no controller is in the second version of cgroups here")
        os.mkdir(MOUNT + self.path + "/inner")
        for pid in self.file("cgroup.procs").split():
            with contextlib.suppress(ProcessLookupError):
                self.write("inner/cgroup.procs", pid)
        self.assertTrue(wait_for(lambda: not self.moved_rest()))
        self.write("cgroup.subtree_control", "+" + controllers[0])
        self.assert_ran(self.oci("exec", container, "true"))
        self.delete(container)

    def moved_rest(self):
        rest = self.file("cgroup.procs").split()
        for pid in rest:
            with contextlib.suppress(ProcessLookupError):
                self.write("inner/cgroup.procs", pid)
        return rest

    # Events

    def test_events_tell_what_is_used(self):
        container = self.start_bundle(self.limited("sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; "
                                                               "exec sleep 1000"))
        def used():
            done = self.oci("events", "--stats", container)
            self.assert_ran(done)
            event = json.loads(done.out)
            self.assertEqual((event["type"], event["id"]), ("stats", container))
            return event["data"]
        self.assertTrue(wait_for(lambda: used()["cpu"]["usage"]["total"] > 1_000_000))
        self.assertEqual({"cpu", "memory", "pids", "blkio", "hugetlb"}, set(used()))
        if os.path.exists(f"{MOUNT}{self.path}/cpu.pressure"):
            self.assertEqual(set(used()["cpu"]["psi"]["some"]), {"avg10", "avg60", "avg300", "total"})
        refused = self.oci("events", "--interval", "0", container)
        self.assertIn("--interval must be", refused.err)
        with subprocess.Popen([*self.oci_words(), "events", container], stdout=subprocess.PIPE) as watcher:
            self.assertEqual(json.loads(watcher.stdout.readline())["type"], "stats")
            self.assert_ran(self.oci("kill", container, "KILL"))
            self.assertEqual(watcher.wait(PATIENCE), 0, "it ends with the container")
        self.delete(container)

    # Inside

    def test_a_writable_mount_needs_a_cgroup_of_its_own(self):
        bundle = self.bundle("touch", "/sys/fs/cgroup/cgroup.procs")
        bundle.config["mounts"].append({"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                                        "options": ["rw"]})
        self.assertNotEqual(self.run_bundle(bundle).status, 0)

    def test_newer_calls_are_not_needed(self):
        os.environ["WOLFFIA_FORCE_FALLBACK"] = "clone3"
        self.addCleanup(os.environ.pop, "WOLFFIA_FORCE_FALLBACK")
        seen = self.run_bundle(self.limited("cat", "/proc/self/cgroup"))
        self.assertIn("0::/\n", seen.out)
        self.assertEqual(run([OCI, "--version"]).status, 0)


if __name__ == "__main__":
    main()
