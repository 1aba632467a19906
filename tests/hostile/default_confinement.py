# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""What runs in an image is confined without being asked to be: `wolffia run` and `exec` with no option, but
for the network, of which there is none here."""
import os
import resource
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from facts import DEFAULT_NODES, FLAGS, HOST_NAMESPACES, MOUNTS, kept_groups, map_text, mounted, plant_key  # noqa: E402
from harness import SUPPORT, ContainerTest, id_ranges, main, one_id, run  # noqa: E402
from image_test import IMAGE, RUN, busybox_layer  # noqa: E402
from oci_image import Layout  # noqa: E402

# src/cli/user/defaults.hpp
CAPABILITIES = "00000000800405fb"
MASKED = ["/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
          "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
          "/sys/devices/virtual/powercap"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def limit(kind):
    return ["18446744073709551615" if value == resource.RLIM_INFINITY else str(value)
            for value in resource.getrlimit(kind)]


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return f"{mask:04o}"


class DefaultConfinement(ContainerTest):
    def setUp(self):
        super().setUp()
        os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        layer = busybox_layer()
        with open(os.path.join(SUPPORT, "probe"), "rb") as program:
            layer.add("probe", content=program.read(), mode=0o755)
        Layout(self.dir + "/layout").add_image("probed", [layer.bytes()], packed=False)
        self.assert_ran(run([IMAGE, "pull", "-q", "--name", "probed", f"oci:{self.dir}/layout"]))

    def wanted(self, **changes):
        maps = id_ranges() or one_id()
        facts = {
            "uid": "0", "gid": "0", "uid_map": map_text(maps["uidMappings"]), "gid_map": map_text(maps["gidMappings"]),
            "groups": "" if id_ranges() else kept_groups(), "setgroups": "allow" if id_ranges() else "deny",
            "permitted": CAPABILITIES, "effective": CAPABILITIES, "bounding": CAPABILITIES,
            "hostname": "wolffia", "domainname": "(none)", "env": f"{PATH},LANG=C,HOME=/", "umask": umask(),
            "nofile": "/".join(limit(resource.RLIMIT_NOFILE)), "core": limit(resource.RLIMIT_CORE)[0],
            "oom_score_adj": open("/proc/self/oom_score_adj", encoding="ascii").read().strip(),
            "masked": ",".join(MASKED), "readonly": ",".join(READONLY), "readonly_root": "no",
            "mounts": ",".join(MOUNTS + ["/etc/hosts"] + mounted(MASKED + READONLY) +
                               ["/dev/" + name for name in DEFAULT_NODES]),
            "flags": ",".join(flag for flag in FLAGS if flag != "/:ro"),
            "dev": ",".join(DEFAULT_NODES + ["fd", "stdin", "stdout", "stderr", "ptmx", "pts", "shm", "mqueue"]),
            "namespaces": ",".join(f"{kind}:{os.readlink('/proc/self/ns/' + kind)[len(kind) + 2:-1]}"
                                   for kind in HOST_NAMESPACES),
        }
        return [f"{name}={value}" for name, value in {**facts, **changes}.items()]

    def probed(self, *words):
        """Whoever starts it has a key, a secret in the environment and files open."""
        environment = {**os.environ, "LANG": "C", "SECRET": "of the host"}
        for name in ("TERM", "LC_ALL", "TZ"):
            environment.pop(name, None)
        with open("/etc/passwd", "rb") as opened:
            return run([RUN, *words], env=environment, preexec_fn=plant_key, pass_fds=[opened.fileno()])

    def assert_all_hold(self, done):
        self.assert_ran(done)
        self.assertGreaterEqual(sum(line.startswith("ok ") for line in done.out.splitlines()), 75)

    def test_every_fact_holds_without_a_network(self):
        self.assert_all_hold(self.probed("run", "--rm", "--net", "none", "probed", "/probe", "default", *self.wanted()))

    def test_every_fact_holds_for_a_user_of_the_image(self):
        none = "0000000000000000"
        changes = {"uid": "7", "gid": "8", "permitted": none, "effective": none}
        if not id_ranges():
            changes.update({"uid_map": "7 0 1", "gid_map": "8 0 1", "groups": kept_groups().replace("0", "8", 1)})
        done = self.probed("run", "--rm", "--net", "none", "-u", "7:8", "probed", "/probe", "security", *self.wanted(**changes))
        self.assert_ran(done)
        self.assertEqual(done.out, "safe\n")

    def test_an_executed_process_is_confined_like_the_first(self):
        words = ["run", "-d", "--net", "none", "--name", "lives", "--cleanenv", "probed", "/bin/busybox", "sleep", "1000"]
        self.assert_ran(run([RUN, *words]))
        self.addCleanup(run, [RUN, "rm", "-f", "lives"])
        done = self.probed("exec", "lives", "/probe", "security", *self.wanted(env=f"{PATH},HOME=/"))
        self.assert_ran(done)
        self.assertEqual(done.out, "safe\n")

    def test_the_probe_sees_what_was_given_away(self):
        """What the probe is worth here: whoever asks for more has more, and it is noticed."""
        done = self.probed("run", "--rm", "--security-opt", "seccomp=unconfined", "--cap-add", "SYS_ADMIN", "--net",
                           "host", "probed", "/probe", "default", *self.wanted())
        self.assertEqual(done.status, 1, done)
        missed = [line for line in done.out.splitlines() if line.startswith("not ok")]
        for words in ("effective capabilities", "seccomp filters", "no user namespace within", "no io_uring",
                      "only lo is visible", "no namespace is the host's"):
            self.assertTrue(any(words in line for line in missed), f"{words} was not noticed:\n{done}")


if __name__ == "__main__":
    main()
