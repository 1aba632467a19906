# SPDX-License-Identifier: Apache-2.0
# timeout: 240
"""apt-get installs a package whose files and scripts give things to users and groups of the system, in a Debian image:
with subordinate ids they own them, with a single id that is noted, and a commit has the same owners either way. On the kernel's
overlay with subordinate ids, where nothing of ours is between, only where WOLFFIA_FULL=1."""
import json
import os
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, ContainerTest, main, run, subordinate  # noqa: E402

RUN, IMAGE = os.environ["WOLFFIA"], os.environ["WOLFFIA_IMAGE"]
CONTROL = """Package: owners
Version: 1
Architecture: all
Maintainer: nobody <nobody@example.org>
Description: gives its files away
"""
CONFIGURE = """#!/bin/sh
set -e
groupadd --system --gid 321 owners
chgrp owners /usr/bin/owners
chmod 2755 /usr/bin/owners
install -d -o mail -g mail -m 0750 /var/lib/owners
"""


class AptInstallsAPackage(ContainerTest):
    def setUp(self):
        super().setUp()
        os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        root = subprocess.run([os.path.join(os.environ["TOP"], "tests/support/debian-root")], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.strip()
        self.assert_ran(run([IMAGE, "import", "-q", root, "debian"]))
        self.addCleanup(run, [RUN, "rm", "-f", "--all"])

    def package(self):
        tree = self.dir + "/package"
        for path, text, mode in (("DEBIAN/control", CONTROL, 0o644), ("DEBIAN/postinst", CONFIGURE, 0o755),
                                 ("usr/bin/owners", "#!/bin/sh\n", 0o755)):
            os.makedirs(os.path.dirname(os.path.join(tree, path)), exist_ok=True)
            with open(os.path.join(tree, path), "w", encoding="ascii") as file:
                file.write(text)
            os.chmod(os.path.join(tree, path), mode)
        os.mkdir(self.dir + "/packages")
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, self.dir + "/packages/owners.deb"], check=True,
                       stdout=subprocess.DEVNULL)

    def owners_in_image(self, name):
        """Of the newest layer's entries."""
        self.assert_ran(run([IMAGE, "save", "-o", self.dir + "/saved", "--format", "oci-archive", name]))
        with tarfile.open(self.dir + "/saved") as outer:
            def blob(digest):
                return outer.extractfile("blobs/" + digest.replace(":", "/"))
            index = json.load(outer.extractfile("index.json"))
            manifest = json.load(blob(index["manifests"][0]["digest"]))
            with tarfile.open(fileobj=blob(manifest["layers"][-1]["digest"])) as tar:
                return {entry.name.rstrip("/"): (entry.uid, entry.gid, entry.mode) for entry in tar}

    def test_on_every_storage(self):
        self.package()
        command = "apt-get -o APT::Sandbox::User=root install -y /packages/owners.deb"
        many = subordinate("/etc/subuid") and subordinate("/etc/subgid")
        for storage in ("fuse",) if many and not FULL else ("overlay", "fuse"):
            with self.subTest(storage):
                self.assert_ran(run([RUN, "run", "--storage", storage, "--name", storage, "-v",
                                     self.dir + "/packages:/packages:ro", "debian", "sh", "-c", command], timeout=120))
                self.assert_ran(run([RUN, "commit", storage, storage]))
                owners = self.owners_in_image(storage)
                self.assertEqual(owners["usr/bin/owners"], (0, 321, 0o2755))
                self.assertEqual(owners["var/lib/owners"], (8, 8, 0o750))
                seen = run([RUN, "run", "--rm", storage, "stat", "-c", "%u:%g", "/usr/bin/owners", "/var/lib/owners"])
                self.assertEqual(seen.out, "0:321\n8:8\n" if many else "0:0\n0:0\n", seen)


if __name__ == "__main__":
    main()
