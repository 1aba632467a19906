# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""Paths are masked with the runtime's own objects: what the image calls /dev/null does not matter.

runc CVE-2025-31133, youki CVE-2025-62161.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import MASKED, Canary, ContainerTest, main, without_mount  # noqa: E402

SECRETS = ["/etc/secret", "/etc/link-to-secret", "/secrets"]
# One line for each path that can still be read or listed, or written where it must not.
SCRIPT = """
for path in %s; do
  [ -e $path ] || continue
  if [ -d $path ]; then
    ls -A $path | while read -r name; do echo "$path has $name"; done
    mkdir $path/made 2>&- && echo "$path is writable"
  else
    while read -r line; do echo "$path: $line"; break; done <$path
    set -- $(stat -L -c '%%F %%t:%%T' $path)
    [ "$*" = "character special file 1:3" ] || echo "$path is $*"
  fi
done
echo done
"""


def write_decoy(path):
    with open(path, "w", encoding="ascii") as file:
        file.write("decoy\n")


class MaskingDevice(ContainerTest):
    def setUp(self):
        super().setUp()
        self.canary = Canary(os.path.join(self.dir, "canary"))

    def null_devices(self):
        outside = os.path.join(self.canary.path, "file")
        return [
            ("link to a file", lambda path: os.symlink("/etc/decoy", path)),
            ("link to a directory", lambda path: os.symlink("/etc", path)),
            ("link to procfs", lambda path: os.symlink("/proc/sys/kernel/core_pattern", path)),
            ("link outside", lambda path: os.symlink("../" * 20 + outside[1:], path)),
            ("link to itself", lambda path: os.symlink("null", path)),
            ("file", write_decoy),
            ("directory", os.mkdir),
            ("fifo", os.mkfifo),
            ("missing", lambda path: None),
        ]

    def masking_bundle(self, make, dev="tmpfs"):
        """`dev`: /dev is a tmpfs, the image's own directory, or a bound one that nobody furnishes."""
        bundle = self.bundle("/bin/sh", "-c", SCRIPT % " ".join(MASKED + SECRETS))
        bundle.file("etc/decoy", "decoy\n")
        bundle.file("etc/secret", "secret\n")
        os.symlink("secret", bundle.inside("etc/link-to-secret"))
        bundle.file("secrets/inner", "secret\n")
        bundle.replace("dev/null", make)
        bundle.config["linux"]["maskedPaths"] += SECRETS
        if dev != "tmpfs":
            without_mount(bundle.config, "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue")
        if dev == "bound":
            bundle.config["mounts"].append({"destination": "/dev", "type": "bind", "source": bundle.inside("dev"),
                                            "options": ["rbind"]})
        return bundle

    def test_nothing_can_be_read(self):
        for name, make in self.null_devices():
            for dev in ("tmpfs", "image", "bound"):
                with self.subTest(null=name, dev=dev):
                    done = self.run_bundle(self.masking_bundle(make, dev))
                    self.assertEqual(self.canary.changes(), [])
                    if done.status == 0:
                        self.assertEqual(done.out, "done\n", done)
                    else:
                        self.assert_refused(done)

    def test_the_ordinary_cases_start(self):
        for dev in ("tmpfs", "image", "bound"):
            done = self.run_bundle(self.masking_bundle(lambda path: None, dev))
            self.assert_ran(done, dev)
            self.assertEqual(done.out, "done\n", done)


if __name__ == "__main__":
    main()
