# SPDX-License-Identifier: Apache-2.0
# run: plain
# timeout: 120
"""wolffia run FILE.sqfs: an image in one file, served by wolffia-overlay, with the config that it carries."""
import contextlib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import PATIENCE, ContainerTest, main, run  # noqa: E402

RUN = os.environ["WOLFFIA"]
CONFIG = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []},
          "config": {"Entrypoint": ["/bin/sh", "-c"], "Cmd": ["cat /greeting; echo $GREETED; pwd"],
                     "Env": ["PATH=/bin", "GREETED=world"], "WorkingDir": "/work"}}


class RunImageFile(ContainerTest):
    def setUp(self):
        super().setUp()
        os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        self.tree = self.dir + "/tree"
        os.makedirs(self.tree + "/bin")
        os.makedirs(self.tree + "/work")
        subprocess.run(["cp", "/bin/busybox", self.tree + "/bin"], check=True)
        for applet in ("sh", "cat", "sleep", "touch", "ls"):
            os.symlink("busybox", self.tree + "/bin/" + applet)
        with open(self.tree + "/greeting", "w", encoding="utf-8") as file:
            file.write("hello\n")
        self.file = self.dir + "/image.sqfs"

    def pack(self, config=None):
        if config is not None:
            os.setxattr(self.tree, "user.wolffia.config", config.encode())
        subprocess.run(["mksquashfs", self.tree, self.file, "-quiet", "-no-progress", "-comp", "zstd"], check=True,
                       stdout=subprocess.DEVNULL)

    def said(self, *words, status=0):
        done = run([RUN, *words])
        self.assertEqual(done.status, status, done)
        return done.out

    def test_its_config_is_what_is_run(self):
        self.pack(json.dumps(CONFIG))
        self.assertEqual(self.said("run", "--rm", self.file), "hello\nworld\n/work\n")
        self.assertEqual(self.said("run", "--rm", "-w", "/", self.file, "pwd"), "/\n")

    def test_a_file_without_config_is_a_root(self):
        self.pack()
        self.assertEqual(self.said("run", "--rm", self.file, "cat", "/greeting"), "hello\n")
        with contextlib.chdir(self.dir):
            self.assertEqual(self.said("run", "--rm", "image.sqfs", "cat", "/greeting"), "hello\n")

    def test_what_it_changes_is_kept_and_the_file_is_not_changed(self):
        self.pack()  # owned by an id that one id alone does not have inside
        with open(self.file, "rb") as file:
            before = file.read()
        self.said("run", "-d", "--name", "one", self.file, "sh", "-c", "echo more >> greeting; cat greeting")
        self.assertEqual(self.said("wait", "one"), "0\n")
        self.said("start", "one")
        self.assertEqual(self.said("wait", "one"), "0\n")
        self.assertEqual(self.said("logs", "one"), "hello\nmore\nhello\nmore\nmore\n")
        self.said("cp", "one:/greeting", self.dir + "/copy")
        with open(self.dir + "/copy", encoding="utf-8") as copy:
            self.assertEqual(copy.read(), "hello\nmore\nmore\n")
        self.said("rm", "one")
        with open(self.file, "rb") as file:
            self.assertEqual(file.read(), before)

    def test_a_container_cannot_give_its_next_start_another_config(self):
        self.pack(json.dumps(CONFIG))
        started = self.said("run", "-d", "--name", "one", self.file).strip()
        self.assertEqual(self.said("wait", "one"), "0\n")
        upper = f"{self.dir}/store/containers/{started}/upper"
        os.setxattr(upper, "user.wolffia.config", json.dumps(CONFIG | {"config": {"Cmd": ["/bin/false"]}}).encode())
        self.said("start", "one")
        self.assertEqual(self.said("wait", "one"), "0\n")
        self.assertEqual(self.said("logs", "one"), "hello\nworld\n/work\n" * 2)
        self.said("rm", "one")

    def test_read_only(self):
        self.pack()
        done = run([RUN, "run", "--rm", "--read-only", self.file, "touch", "/file"])
        self.assertEqual(done.status, 1)
        self.assertIn("Read-only file system", done.err)

    def test_what_cannot_be_is_told(self):
        self.pack("{")
        for words, sentence in ((["run", "--storage", "copy", self.file, "true"], "--storage copy is for images of layers"),
                                (["run", "--rm", self.file, "true"], "user.wolffia.config"),
                                (["run", "--rm", self.tree + "/greeting", "true"], "is no SquashFS file")):
            done = run([RUN, *words])
            self.assertEqual(done.status, 125, done)
            self.assertIn(sentence, done.err)

    def test_a_damaged_file_is_told(self):
        with open(self.file, "wb") as file:
            file.write(b"hsqs" + bytes(4096))
        done = run([RUN, "run", "--rm", self.file, "true"], timeout=PATIENCE)
        self.assertEqual(done.status, 125, done)
        self.assertIn("image.sqfs", done.err)
        self.assertEqual(self.said("ps", "-aq"), "")


if __name__ == "__main__":
    main()
