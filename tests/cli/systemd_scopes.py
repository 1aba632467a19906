# SPDX-License-Identifier: Apache-2.0
# run: plain
# timeout: 120
"""Cgroups that the user's systemd makes: scopes, beside a systemd of this test's own."""
import json
import os
import subprocess
import sys

TOP = os.environ["TOP"]
if "/run/user/" not in os.environ.get("XDG_RUNTIME_DIR", "") or not os.path.exists("/sys/fs/cgroup/login"):
    os.execv(TOP + "/tests/support/with-user-systemd", ["with-user-systemd", sys.executable, *sys.argv])

sys.path.insert(0, os.path.join(TOP, "tests", "support"))
from harness import ContainerTest, main, run, wait_for  # noqa: E402

MOUNT = "/sys/fs/cgroup"
FOREVER = ("sleep", "1000")


def systemctl(*words):
    return run(["systemctl", "--user", *words]).out.strip()


class ScopeTest(ContainerTest):
    def setUp(self):
        super().setUp()
        self.name = "test-" + os.path.basename(self.dir)
        self.scope = f"wolffia-{self.name}.scope"
        self.group = f"{MOUNT}/manager/user.slice/{self.scope}"
        self.addCleanup(self.check_none_left)

    def check_none_left(self):
        """systemd removes a scope when the kernel has told it that it is empty."""
        self.assertTrue(wait_for(lambda: not os.path.exists(self.group)), "a cgroup is left behind")
        self.assertTrue(wait_for(lambda: self.property("LoadState") == "not-found"), "a unit is left behind")

    def property(self, name):
        return systemctl("show", "--value", "-p", name, self.scope)

    def scoped(self, *args, path=None, annotations=None, resources=None):
        bundle = self.bundle(*(args or FOREVER))
        bundle.config["linux"]["cgroupsPath"] = f"user.slice:wolffia:{self.name}" if path is None else path
        bundle.config["annotations"] = annotations or {}
        if resources is not None:
            bundle.config["linux"]["resources"] = resources
        bundle.write()
        return bundle

    def systemd(self, *words, **options):
        return self.oci("--systemd-cgroup", *words, **options)

    def started(self, bundle):
        container = self.new_id()
        self.assert_ran(self.systemd("run", "-d", "--bundle", bundle.path, container))
        return container

    def cgroup_of(self, pid):
        with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
            return next(line[3:].strip() for line in file if line.startswith("0::"))

    def delete(self, container):
        self.assert_ran(self.oci("delete", "--force", container))
        self.check_none_left()

    def test_a_container_is_in_a_scope(self):
        container = self.started(self.scoped())
        pid = self.pid_of(container)
        self.assertEqual(MOUNT + self.cgroup_of(pid), self.group + "/container")
        for name, value in (("Delegate", "yes"), ("Slice", "user.slice"), ("CollectMode", "inactive-or-failed"),
                            ("Description", "wolffia container " + container)):
            self.assertEqual(self.property(name), value)
        self.delete(container)

    def test_its_own_namespace_begins_in_it(self):
        seen = self.systemd("run", "--bundle", self.scoped("cat", "/proc/self/cgroup").path, self.new_id())
        self.assert_ran(seen)
        self.assertIn("0::/\n", seen.out)

    def test_create_and_start(self):
        container = self.new_id()
        self.assert_ran(self.systemd("create", "--bundle", self.scoped().path, container))
        self.assertEqual(MOUNT + self.cgroup_of(self.pid_of(container)), self.group + "/container")
        self.assert_ran(self.oci("start", container))
        self.delete(container)

    def test_exec_gets_there_from_a_login(self):
        """The kernel refuses that; systemd may."""
        container = self.started(self.scoped())
        self.assertEqual(self.cgroup_of("self"), "/login")
        done = self.oci("exec", container, "cat", "/proc/self/cgroup")
        self.assert_ran(done)
        self.assertIn("0::/\n", done.out)
        self.assert_ran(self.oci("exec", "-d", container, "sleep", "999"))
        listed = json.loads(self.oci("ps", "--format", "json", container).out)
        self.assertEqual(len(listed), 2, "found through the cgroup")
        self.delete(container)

    def test_pause_kill_and_the_rest_work_in_it(self):
        container = self.started(self.scoped())
        self.assert_ran(self.oci("pause", container))
        self.assertEqual(json.loads(self.oci("state", container).out)["status"], "paused")
        self.assert_ran(self.oci("resume", container))
        self.assert_ran(self.oci("kill", "--all", container, "KILL"))
        self.wait_until_stopped(container)
        self.assert_ran(self.oci("delete", container))

    def test_a_name_can_be_used_again_at_once(self):
        bundle = self.scoped("true")
        for _ in range(5):
            self.assert_ran(self.systemd("run", "--bundle", bundle.path, self.new_id()))

    def test_a_name_in_use_is_refused(self):
        with subprocess.Popen(["systemd-run", "--user", "--scope", "-q", "--unit", self.scope, *FOREVER]) as other:
            self.assertTrue(wait_for(lambda: self.property("ActiveState") == "active"))
            refused = self.systemd("run", "--bundle", self.scoped("true").path, self.new_id())
            self.assert_refused(refused)
            self.assertIn(self.scope, refused.err)
            other.kill()

    def test_a_failed_start_leaves_no_scope(self):
        self.assertEqual(self.systemd("run", "--bundle", self.scoped("nothing-there").path, self.new_id()).status, 127)

    def test_paths_without_slice_or_prefix(self):
        for path, scope in ((f"::{self.name}", f"{self.name}.scope"), (f"app.slice:x:{self.name}", f"x-{self.name}.scope")):
            container = self.started(self.scoped(path=path))
            slice_name = path.split(":")[0] or "user.slice"
            self.assertEqual(self.cgroup_of(self.pid_of(container)), f"/manager/{slice_name}/{scope}/container")
            self.delete(container)
        container = self.started(self.scoped(path=""))
        self.assertEqual(self.cgroup_of(self.pid_of(container)), f"/manager/user.slice/wolffia-{container}.scope/container")
        self.delete(container)

    def test_wrong_paths_are_refused(self):
        for path, words in (("/a/b", "must be SLICE:PREFIX:NAME"), ("user.slice:a:", "lacks the name"),
                            ("user:a:b", "must begin with the name of a slice")):
            refused = self.systemd("run", "--bundle", self.scoped("true", path=path).path, self.new_id())
            self.assert_refused(refused)
            self.assertIn(words, refused.err)

    def test_properties_come_from_annotations(self):
        key = "org.systemd.property."
        container = self.started(self.scoped(annotations={
            key + "Description": "'it\\'s mine'", key + "TimeoutStopUSec": "uint64 5000000", key + "RuntimeMaxSec": "3600",
            key + "After": "['a.service', \"b.service\"]", key + "SendSIGHUP": "true"}))
        self.assertEqual(self.property("Description"), "it's mine")
        self.assertEqual(self.property("TimeoutStopUSec"), "5s")
        self.assertEqual(self.property("RuntimeMaxUSec"), "1h")
        self.assertEqual(self.property("SendSIGHUP"), "yes")
        self.assertLessEqual({"a.service", "b.service"}, set(self.property("After").split()))
        self.delete(container)

    def test_wrong_properties_are_refused(self):
        for name, value, words in (("Nonsense", "true", "Nonsense"), ("After", "[", "After"), ("a-b", "true", "letters and digits"),
                                   ("TimeoutStopSec", "soon", "a number of seconds")):
            bundle = self.scoped("true", annotations={"org.systemd.property." + name: value})
            refused = self.systemd("run", "--bundle", bundle.path, self.new_id())
            self.assert_refused(refused)
            self.assertIn(words, refused.err)

    def test_another_subgroup_or_none(self):
        for name in ("mine", ""):
            container = self.started(self.scoped(annotations={"run.oci.systemd.subgroup": name}))
            self.assertEqual(MOUNT + self.cgroup_of(self.pid_of(container)), os.path.join(self.group, name).rstrip("/"))
            self.assert_ran(self.oci("exec", container, "true"))
            self.delete(container)

    def test_limits_are_written_and_changed(self):
        container = self.started(self.scoped(resources={"unified": {"cgroup.max.depth": "3"}}))

        def depth():
            with open(self.group + "/container/cgroup.max.depth", encoding="ascii") as file:
                return file.read().strip()
        self.assertEqual(depth(), "3")
        with open(self.dir + "/changed", "w", encoding="ascii") as file:
            json.dump({"unified": {"cgroup.max.depth": "4"}, "pids": {"limit": 20}}, file)
        refused = self.oci("update", "--resources", self.dir + "/changed", container)
        self.assert_refused(refused)  # the controller is not there, but systemd has taken the property
        self.assertEqual(self.property("TasksMax"), "20")
        with open(self.dir + "/changed", "w", encoding="ascii") as file:
            json.dump({"unified": {"cgroup.max.depth": "4"}}, file)
        self.assert_ran(self.oci("update", "--resources", self.dir + "/changed", container))
        self.assertEqual(depth(), "4")
        self.delete(container)

    def test_a_controller_that_is_not_there_is_told(self):
        limits = {"hugepageLimits": [{"pageSize": "2MB", "limit": 0}]}  # of which systemd knows nothing
        refused = self.systemd("run", "--bundle", self.scoped("true", resources=limits).path, self.new_id())
        self.assert_refused(refused)
        self.assertIn("linux.resources.hugepageLimits can't be applied", refused.err)
        bundle = self.scoped("true", resources=limits, annotations={"org.wolffia.resources.optional": "true"})
        done = self.systemd("run", "--bundle", bundle.path, self.new_id())
        self.assert_ran(done)
        self.assertIn("can't be applied", done.err)

    def test_systemd_is_asked_directly_where_there_is_no_bus(self):
        environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nothing/there"}
        done = self.systemd("run", "--bundle", self.scoped("true").path, self.new_id(), env=environment)
        self.assert_ran(done)
        refused = self.systemd("run", "--bundle", self.scoped("true").path, self.new_id(),
                               env={**environment, "XDG_RUNTIME_DIR": self.dir})
        self.assert_refused(refused)
        self.assertIn("no systemd of yours can be reached", refused.err)


if __name__ == "__main__":
    main()
