# SPDX-License-Identifier: Apache-2.0
# timeout: 180
"""An image of Debian's docker-registry is run, changed from within, committed, pushed, and pulled into another store."""
import json
import os
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from docker_registry import DockerRegistry  # noqa: E402
from harness import ContainerTest, main  # noqa: E402
from oci_image import Layer, Layout  # noqa: E402

IMAGE, RUN, BUSYBOX = os.environ["WOLFFIA_IMAGE"], os.environ["WOLFFIA"], "/bin/busybox"

CHANGES = """
mkdir -m 1777 /new && echo new >/new/file && ln /new/file /new/twin && ln -s ../bin /new/link && chmod 4750 /new/file
rm /doomed && rm -r /full && mkdir /full && echo y >/full/own && echo more >>/greeting
"""


class CommitsToARegistry(ContainerTest):
    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(DockerRegistry(self.dir))
        self.use_store("here")

    def use_store(self, name):
        os.environ["WOLFFIA_STORE"] = f"{self.dir}/{name}"

    def call(self, *words):
        run = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             timeout=60)
        self.assertEqual(run.returncode, 0, f"{words}\n{run.stderr}")
        return run.stdout.strip()

    def fill(self):
        base, upper = Layer(), Layer()
        base.directory("bin")
        with open(BUSYBOX, "rb") as program:
            base.add("bin/busybox", content=program.read(), mode=0o755)
        base.add("bin/sh", tarfile.SYMTYPE, link="busybox")
        base.add("doomed", content=b"x")
        base.directory("full")
        base.add("full/old", content=b"x")
        upper.add("greeting", content=b"hello\n", xattrs={"user.colour": "green"})
        layout = Layout(self.dir + "/layout")
        layout.add_image("app", [base, upper], {"Cmd": ["/bin/sh", "-c", "cat greeting"], "Env": ["PATH=/bin", "WORD=w"]})
        self.registry.fill(f"oci:{layout.path}:app", "team/app:1")
        return self.registry.name("team/app:1")

    def root_of(self, name):
        """The root of an image of the store: the same files make the same archive."""
        path = f"{self.dir}/{len(os.listdir(self.dir))}.tar"
        self.call(IMAGE, "export", "-q", "-o", path, name)
        with open(path, "rb") as file:
            return file.read()

    def config_of(self, name):
        """What the image says of itself, but for the digests of layers, which depend on who packed them."""
        config = json.loads(self.call(IMAGE, "inspect", "--cert-dir", self.registry.certificates, "--config", name))
        del config["rootfs"]
        return config

    def test_from_a_process_to_another_store(self):
        name, made = self.fill(), self.registry.name("team/app:2")
        certificates = ["--cert-dir", self.registry.certificates]
        self.call(IMAGE, "pull", "-q", *certificates, name)
        self.call(RUN, "run", "-d", "--name", "box", name, "/bin/sh", "-c", "sleep 1000")
        self.call(RUN, "exec", "box", "/bin/sh", "-c", CHANGES)
        self.call(RUN, "commit", "-m", "from within", "-c", 'CMD ["/bin/sh", "-c", "cat greeting new/twin"]', "-c",
                  "ENV WORD=word", "box", made)
        self.call(RUN, "rm", "-f", "box")
        self.call(IMAGE, "push", "-q", *certificates, made)
        here = self.root_of(made)
        self.use_store("elsewhere")
        self.call(IMAGE, "pull", "-q", *certificates, made)
        self.assertEqual(self.root_of(made), here)
        self.assertEqual(self.call(RUN, "run", "--rm", made), "hello\nmore\nnew")
        self.assertEqual(self.call(RUN, "run", "--rm", made, "/bin/sh", "-c", "echo $WORD; ls full; ls /doomed || true"),
                         "word\nown")
        self.assertEqual(self.call(RUN, "run", "--rm", made, "busybox", "stat", "-c", "%a %h", "/new", "/new/file"),
                         "1777 2\n4750 2")
        self.says_of_itself(name, made)

    def says_of_itself(self, name, made):
        before, after = self.config_of(name), self.config_of(made)
        self.assertEqual(after["config"], {**before["config"], "Cmd": ["/bin/sh", "-c", "cat greeting new/twin"],
                                           "Env": ["PATH=/bin", "WORD=word"]})
        self.assertEqual([step["comment"] for step in after["history"]], ["from within"])
        self.assertEqual({key: after[key] for key in ("os", "architecture")},
                         {key: before[key] for key in ("os", "architecture")})
        layers = [json.loads(self.call(IMAGE, "inspect", "--cert-dir", self.registry.certificates, one))["layers"]
                  for one in (name, made)]
        self.assertEqual(layers[1][:2], layers[0])  # those that the registry had go nowhere
        self.assertEqual(len(layers[1]), 3)


if __name__ == "__main__":
    main()
