# SPDX-License-Identifier: Apache-2.0
# timeout: 180
# run: once
"""git works on a union mount: it commits a tree of the lower layer, goes back and forth between branches that move and
remove most of it, collects garbage, clones; and finds nothing changed on the next mount."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import main  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

SOURCES = ["src/base", "src/sys", "src/cli", "src/image", "packaging"]
IDENTITY = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "init.defaultBranch=main"]


class Git(OverlayTest):
    def setUp(self):
        super().setUp()
        self.tree = self.path + "/tree"
        for source in SOURCES:
            shutil.copytree(os.path.join(os.environ["TOP"], source), f"{self.lower}/tree/{source}", symlinks=True)

    def git(self, *words, tree=None):
        return self.must("git", *IDENTITY, *words, cwd=tree or self.tree)

    def names(self):
        return sorted(os.path.relpath(os.path.join(directory, name), self.tree)
                      for directory, below, files in os.walk(self.tree) for name in files if "/.git" not in directory)

    def commit(self):
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "all")

    def other_branch(self):
        self.git("checkout", "-q", "-b", "other")
        self.git("mv", "src/cli", "src/front")
        self.git("rm", "-q", "-r", "src/image", "packaging")
        self.put(self.tree + "/packaging", "a file in place of a directory")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "moved")

    def back_and_forth(self):
        before = {}
        for branch in ["main", "other", "main"]:
            self.git("checkout", "-q", branch)
            self.assertEqual(self.git("status", "--porcelain"), "")
            self.assertEqual(before.setdefault(branch, self.names()), self.names())
        self.assertGreater(len(before["main"]), 150)

    def expect_clean(self, tree=None):
        self.assertEqual(self.git("status", "--porcelain", tree=tree), "")
        self.git("fsck", "--strict", tree=tree)

    def test_commits_branches_and_garbage(self):
        with self.mounted():
            self.commit()
            self.other_branch()
            self.back_and_forth()
            self.git("gc", "-q", "--prune=now")
            self.expect_clean()
        with self.mounted():
            self.expect_clean()
            self.back_and_forth()

    def test_clones(self):
        with self.mounted():
            self.commit()
            for kind in ("--local", "--no-local"):
                clone = self.path + "/clone" + kind
                self.git("clone", "-q", kind, self.tree, clone)
                self.expect_clean(clone)
                self.must("diff", "-r", "--exclude=.git", self.tree, clone)

    def test_repository_in_the_lower_layer(self):
        with self.mounted():
            self.commit()
            self.other_branch()
        os.rename(self.layers.upper, self.dir + "/below")
        os.mkdir(self.layers.upper)
        self.layers.lower.insert(0, self.dir + "/below")
        with self.mounted():
            self.expect_clean()
            self.back_and_forth()
            self.git("gc", "-q", "--prune=now")
            self.git("reset", "-q", "--hard", "other")
            self.expect_clean()


if __name__ == "__main__":
    main()
