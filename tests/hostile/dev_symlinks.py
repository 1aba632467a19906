# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""Every directory in which the runtime makes something may be a symbolic link: it is made inside, or not at all.

runc CVE-2026-41579, crun CVE-2026-47766, bubblewrap CVE-2026-87766.
"""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import Canary, ContainerTest, main, without_mount  # noqa: E402

# Each directory of the root, and what makes the runtime create something below it.
DIRECTORIES = ["dev", "dev/pts", "dev/shm", "dev/mqueue", "proc", "sys", "place", "made", "made/deep", "etc"]


class DevSymlinks(ContainerTest):
    def setUp(self):
        super().setUp()
        self.canary = Canary(os.path.join(self.dir, "canary"))
        target = os.path.join(self.canary.path, "directory")
        self.links = {
            "absolute": target,
            "absolute, its parent": self.canary.path,
            "relative": "../" * 30 + target[1:],
            "dots in the middle": "tmp/.." + "/.." * 30 + target,
            "magic root": "/proc/self/root" + target,
            "magic root of pid 1": "/proc/1/root" + target,
            "magic cwd": "/proc/self/cwd" + "/.." * 30 + target,
            "dangling": os.path.join(self.canary.path, "not-there-yet"),
        }

    def creating_bundle(self, directory, link, with_dev):
        bundle = self.bundle("/bin/true")
        parent = os.path.dirname(bundle.inside(directory))
        os.makedirs(parent, exist_ok=True)
        bundle.replace(directory, lambda path: os.symlink(link, path))
        payload = os.path.join(bundle.path, "payload")
        os.makedirs(payload, exist_ok=True)
        with open(payload + "/file", "w", encoding="ascii"):
            pass
        config = bundle.config
        config["process"]["cwd"] = "/place/created"
        config["mounts"] += [
            {"destination": "/made/deep/directory", "type": "bind", "source": payload, "options": ["bind"]},
            {"destination": "/made/deep/file", "type": "bind", "source": payload + "/file", "options": ["bind"]},
            {"destination": "/made/tmpfs", "type": "tmpfs", "source": "tmpfs"},
            {"destination": "/etc/resolv.conf", "type": "bind", "source": payload + "/file", "options": ["bind", "ro"]}]
        if os.path.exists("/dev/net/tun"):  # its directory has to be made
            config["linux"]["devices"] = [{"path": "/dev/net/tun", "type": "c", "major": 10, "minor": 200}]
        if not with_dev:
            without_mount(config, "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue")
        return bundle

    def test_nothing_is_made_on_the_host(self):
        for directory in DIRECTORIES:
            for name, link in self.links.items():
                for with_dev in (True, False):
                    with self.subTest(directory=directory, link=name, with_dev=with_dev):
                        bundle = self.creating_bundle(directory, link, with_dev)
                        done = self.run_bundle(bundle)
                        self.assert_no_crash(done)
                        self.assertEqual(self.canary.changes(), [], done)
                        shutil.rmtree(bundle.path)

    def test_a_link_inside_the_root_is_fine(self):
        """The same with a target that exists inside starts: an image may link /dev or /etc as it likes."""
        for directory in ("dev", "place", "made", "etc"):
            with self.subTest(directory=directory):
                bundle = self.creating_bundle(directory, "/elsewhere", True)
                os.makedirs(bundle.inside("elsewhere"))
                self.assert_ran(self.run_bundle(bundle))


if __name__ == "__main__":
    main()
