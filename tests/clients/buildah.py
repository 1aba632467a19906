# SPDX-License-Identifier: Apache-2.0
# needs: ids
# run: once
# timeout: 200
"""Buildah with --runtime wolffia-oci, which starts a container for each RUN of a Dockerfile."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from client_test import ClientTest, archive_of_rootfs, main, pipe_with, scratch  # noqa: E402
from harness import OCI, TMP, run  # noqa: E402

STORE = os.path.join(TMP, "buildah")
GLOBAL = ["--root", STORE + "/root", "--runroot", STORE + "/run", "--storage-driver", "overlay"]
OURS = ["--runtime", OCI, "--isolation", "oci", "--network", "none"]
# What RUN steps of real files do: a shell with pipes and failures, arguments, another user and directory, owners, a mount.
DOCKERFILE = """
FROM scratch AS base
ADD root.tar /
ARG GREETING=nothing
ENV PATH=/bin LANG=C.UTF-8
RUN echo "$GREETING" | tr a-z A-Z >/greeting && test "$(id -u)" = 0
RUN echo ana:x:1234:1234::/:/bin/sh >>/etc/passwd && mkdir -p /srv/app && chown ana /srv/app
COPY --chown=1234:1234 source /srv/app/source
FROM base AS built
USER ana
WORKDIR /srv/app
RUN wc -c <source >size && id -u >user && ! touch /etc/refused && test "$(stat -c %u source)" = 1234
FROM base
COPY --from=built /srv/app/size /srv/app/user /result/
VOLUME /data
RUN ["/bin/cp", "/greeting", "/result/greeting"]
LABEL kind=test
EXPOSE 80
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["cat /result/*"]
"""


class Buildah(ClientTest):
    client = ["buildah", *GLOBAL]

    @classmethod
    def setUpClass(cls):
        cls.context = scratch("context")
        archive_of_rootfs(cls.context + "/root.tar")
        for name, text in (("Dockerfile", DOCKERFILE), ("source", "x" * 4321)):
            with open(os.path.join(cls.context, name), "w", encoding="ascii") as file:
                file.write(text)
        done = run([*cls.client, "bud", "-q", "-t", "localhost/base", "-f", "-", cls.context], timeout=60,
                   stdin=pipe_with("FROM scratch\nADD root.tar /\n"))
        if done.status != 0:
            raise AssertionError(done)

    @classmethod
    def tearDownClass(cls):
        run(["buildah", "unshare", "rm", "-rf", STORE], timeout=60)

    def tearDown(self):
        self.ok("rm", "--all")

    def bud(self, text=None, *words):
        """Builds the Dockerfile above, or one that says `text` of the same root."""
        file = "Dockerfile"
        if text:
            file = "other"
            with open(os.path.join(self.context, file), "w", encoding="ascii") as other:
                other.write("FROM localhost/base\n" + text)
        return self.call("bud", *OURS, "-t", "app", *words, "-f", os.path.join(self.context, file), self.context)

    def test_a_Dockerfile_of_three_stages(self):
        """buildah bud --runtime wolffia-oci --isolation oci --network none --build-arg A=V -t app ."""
        done = self.bud(None, "--layers", "--build-arg", "GREETING=hello")
        self.assertEqual(done.status, 0, done)
        config = json.loads(self.ok("inspect", "--type", "image", "app"))["OCIv1"]["config"]
        self.assertEqual((config["Cmd"], config["Labels"]["kind"], list(config["Volumes"])), (["cat /result/*"], "test", ["/data"]))
        box = self.ok("from", "app").strip()
        said = self.ok("run", *OURS, box, "sh", "-c", "cd /result; cat greeting size user")
        self.assertEqual(said, "HELLO\n4321\n1234\n")

    def test_a_step_that_fails(self):
        """buildah bud, of RUN exit 42"""
        done = self.bud("RUN exit 42\n")
        self.assertIn("exit status 42", done.err, done)
        self.assertNotEqual(done.status, 0)

    def test_a_program_that_is_missing(self):
        """buildah bud, of RUN ["/nowhere"]"""
        done = self.bud('RUN ["/nowhere"]\n')
        self.assertRegex(done.err, "/nowhere.*(?i:no such file or directory|not found)", done)
        self.assertNotEqual(done.status, 0)

    def test_steps_with_mounts(self):
        """buildah bud, of RUN --mount=type=bind, cache, secret and tmpfs"""
        with open(self.context + "/word", "w", encoding="ascii") as file:
            file.write("secret")
        done = self.bud("RUN --mount=type=bind,source=source,target=/in --mount=type=tmpfs,target=/t "
                        "--mount=type=secret,id=word --mount=type=cache,target=/cache "
                        "grep -q x /in && touch /t/made /cache/made && test \"$(cat /run/secrets/word)\" = secret\n"
                        "RUN ! test -e /t/made && ! test -e /run/secrets/word\n",
                        "--secret", f"id=word,src={self.context}/word")
        self.assertEqual(done.status, 0, done)

    def test_steps_with_flags(self):
        """buildah bud --cap-add, --ulimit, --volume, --shm-size"""
        done = self.bud("RUN test \"$(ulimit -n)\" = 123 && grep -q x /in/source && ! touch /in/made && "
                        "df -k /dev/shm | grep -q 2048\n",
                        "--cap-add", "NET_ADMIN", "--ulimit", "nofile=123:123", "--volume", self.context + ":/in:ro", "--shm-size", "2m")
        self.assertEqual(done.status, 0, done)

    def test_run(self):
        """buildah run --runtime wolffia-oci --isolation oci --network none C CMD"""
        box = self.ok("from", "localhost/base").strip()
        done = self.call("run", *OURS, "--user", "65534", "--workingdir", "/tmp", box, "sh", "-c", "id -u; pwd; exit 9")
        self.assertEqual((done.status, done.out), (9, "65534\n/tmp\n"), done)

    def test_run_rootless(self):
        """buildah run --runtime wolffia-oci --isolation rootless C CMD"""
        box = self.ok("from", "localhost/base").strip()
        said = self.ok("run", "--runtime", OCI, "--isolation", "rootless", "--network", "host", box, "sh", "-c", "id -u; echo hello")
        self.assertEqual(said, "0\nhello\n")


if __name__ == "__main__":
    main("Buildah", ["buildah", "--version"])
