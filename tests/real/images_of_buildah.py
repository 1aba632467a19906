# SPDX-License-Identifier: Apache-2.0
# needs: ids
# run: full
# timeout: 600
"""A Debian of mmdebstrap, four layers of buildah upon it, put by skopeo into a registry that asks for tokens: pulled, run
and entered with what every layer did to it."""
import gzip
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from docker_registry import DockerRegistry  # noqa: E402
from harness import PATIENCE, ContainerTest, main, run, wait_for  # noqa: E402
from oci_image import INDEX, LAYER, MANIFEST, Layout  # noqa: E402

IMAGE, RUN = os.environ["WOLFFIA_IMAGE"], os.environ["WOLFFIA"]
USERS = {"ana": "pass:word"}
# A step is a layer: attributes and links; whiteouts and a directory that is made anew; a link into a layer below;
# owners, modes and a file system object of each kind.
STEPS = """
FROM scratch
ADD debian.tar /
RUN mkdir /full && touch /full/old && echo hello >/greeting && ln /greeting /twin && \
    python3 -c 'import os; os.setxattr("/greeting", "user.colour", b"green\\0\\xff")'
RUN rm -r /full /usr/share/common-licenses && mkdir /full && touch /full/new
RUN ln /etc/debian_version /version && ln -s full/new /link && mkfifo -m 600 /pipe
RUN echo "good bye" >/late && chown www-data:games /late && chmod 6751 /late && touch -d @1234567890 /late
ENV WORD=word
USER www-data
WORKDIR /srv/work
CMD ["python3", "-c", "import os; print(os.environ['WORD'], os.getcwd(), os.getuid())"]
"""
# What has come of the steps, told by the image's own python.
LOOK = """
import json, os, stat
late, pipe = os.stat("/late"), os.stat("/pipe")
print(json.dumps({
    "greeting": [open("/twin").read(), os.stat("/greeting").st_nlink,
                 list(os.getxattr("/greeting", "user.colour"))],
    "gone": [os.path.exists("/usr/share/common-licenses"), os.listdir("/full")],
    "links": [os.path.samefile("/version", "/etc/debian_version"), os.readlink("/link"), stat.S_ISFIFO(pipe.st_mode)],
    "late": [late.st_uid, late.st_gid, oct(late.st_mode), late.st_mtime_ns]}))
"""
WANTED = {"greeting": ["hello\n", 2, list(b"green\0\xff")], "gone": [False, ["new"]], "links": [True, "full/new", True],
          "late": [33, 60, "0o106751", 1234567890000000000]}


class ImagesOfBuildah(ContainerTest):
    def setUp(self):
        super().setUp()
        os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        os.environ["REGISTRY_AUTH_FILE"] = self.dir + "/auth.json"
        with open(self.dir + "/auth.json", "w", encoding="ascii") as file:
            file.write("{}")
        self.registry = self.enterContext(DockerRegistry(self.dir, USERS, public=["open/.*"]))

    def build(self):
        """The image as buildah pushes it: the tag "app" of a layout."""
        place = self.dir + "/build"
        os.mkdir(place)
        debian = subprocess.run([os.environ["TOP"] + "/tests/support/debian-root"], check=True, text=True,
                                stdout=subprocess.PIPE).stdout.strip()
        shutil.copy(debian, place + "/debian.tar")
        with open(place + "/Containerfile", "w", encoding="ascii") as file:
            file.write(STEPS)
        words = ["buildah", "--root", place + "/root", "--runroot", place + "/run", "--storage-driver", "overlay"]
        self.addCleanup(run, [*words[:1], "unshare", "rm", "-rf", place], timeout=PATIENCE * 4)
        for more in (["build", "-q", "--isolation", "chroot", "--layers", "--format", "oci", "-t", "app", place],
                     ["push", "-q", "app", f"oci:{self.dir}/layout:app"]):
            done = run([*words, *more], timeout=PATIENCE * 10, env={**os.environ, "BUILDAH_ISOLATION": "chroot"})
            self.assert_ran(done)

    def mix(self):
        """An index of two platforms in the same layout, and of this one's layers every second packed by zstd."""
        layout = Layout(self.dir + "/layout")
        manifest = layout.read(layout.entries[0]["digest"])
        self.assertEqual(len(manifest["layers"]), 5)
        for layer in manifest["layers"][1::2]:
            with gzip.open(f"{layout.path}/blobs/{layer['digest'].replace(':', '/')}") as packed:
                zstd = subprocess.run(["zstd", "-q", "-c"], input=packed.read(), stdout=subprocess.PIPE, check=True).stdout
            layer.update(layout.add_blob(zstd, LAYER + "+zstd"))
        mixed = layout.add_json(manifest, MANIFEST)
        platforms = [{**layout.entries[0], "platform": {"os": "linux", "architecture": "s390x"}},
                     {**mixed, "platform": {"os": "linux", "architecture": "amd64"}}]
        layout.add_entry("all", layout.add_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": platforms}, INDEX))
        return mixed["digest"]

    def image(self, command, *words, **options):
        return run([IMAGE, command, "--cert-dir", self.registry.certificates, *words], timeout=PATIENCE * 4, **options)

    def says(self, *words):
        done = run([RUN, *words], timeout=PATIENCE * 4)
        self.assert_ran(done)
        return done.out.strip()

    def test_pulled_run_and_entered(self):
        self.build()
        digest = self.mix()
        for name in ("team/app:1", "open/app:1"):
            self.registry.fill(f"oci:{self.dir}/layout:all", name, "--all", *self.registry.as_user("ana"))
        self.rights(digest)
        self.contents(self.registry.name("team/app:1"))

    def rights(self, digest):
        """Who may pull what; a wrong password and a missing one are one sentence each."""
        name = self.registry.name("team/app:1")
        refused = self.image("pull", "-q", name)
        self.assertEqual((refused.status, refused.err.count("\n")), (1, 1), refused)
        self.assertIn("anonymous", refused.err)
        refused = self.image("pull", "-q", "--creds", "ana:wrong", name)
        self.assertEqual((refused.status, refused.err.count("\n")), (1, 1), refused)
        self.assertIn("refuses the user name or password", refused.err)
        opened = self.image("inspect", self.registry.name("open/app:1"))
        self.assert_ran(opened)
        self.assertEqual(json.loads(opened.out)["digest"], digest)
        with open(self.dir + "/password", "w", encoding="ascii") as file:
            file.write(USERS["ana"] + "\n")
        with open(self.dir + "/password", encoding="ascii") as file:
            self.assert_ran(self.image("login", "--username", "ana", "--password-stdin", self.registry.host, stdin=file))
        given = len(self.registry.tokens.given)
        pulled = self.image("pull", "-q", name)
        self.assert_ran(pulled)
        self.assertEqual(pulled.out.strip(), digest)
        # One for all that was fetched; five layers came by it.
        self.assertEqual(self.registry.tokens.given[given:], [("ana", ["repository:team/app:pull"])])

    def contents(self, name):
        self.assertEqual(self.says("run", "--rm", name), "word /srv/work 33")
        self.assertEqual(json.loads(self.says("run", "--rm", "-u", "root", name, "python3", "-c", LOOK)), WANTED)
        container = self.says("run", "-d", "--name", "box", name, "sleep", "1000")
        self.addCleanup(run, [RUN, "rm", "-f", "box"])
        self.assertTrue(container)
        self.assertTrue(wait_for(lambda: run([RUN, "exec", "box", "true"]).status == 0))
        self.assertEqual(self.says("exec", "box", "sh", "-c", "id -un; pwd; cat /twin"), "www-data\n/srv/work\nhello")
        self.assertEqual(json.loads(self.says("exec", "-u", "root", "box", "python3", "-c", LOOK)), WANTED)


if __name__ == "__main__":
    main()
