# SPDX-License-Identifier: Apache-2.0
# needs: no ids
# timeout: 120
"""A container with a single id gives files other owners: the calls succeed, what they said is noted and comes back
where files are taken further, on the kernel's overlay and on ours; and nothing outside the container is touched."""
import json
import os
import sys
import tarfile

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import ContainerTest, main, processes_naming, run, wait_for  # noqa: E402
from oci_image import Layer, Layout  # noqa: E402

RUN, IMAGE = os.environ["WOLFFIA"], os.environ["WOLFFIA_IMAGE"]
NOTE = "user.containers.override_stat"
APPLETS = ("sh", "chown", "chgrp", "chmod", "mkdir", "mknod", "mkfifo", "touch", "ln", "stat", "sleep", "cat", "chroot", "ls",
           "rm", "mv")


def image_layer():
    layer = Layer()
    for name in ("bin", "etc", "tmp"):
        layer.directory(name)
    with open("/bin/busybox", "rb") as program:
        layer.add("bin/busybox", content=program.read(), mode=0o755)
    for applet in APPLETS:
        layer.add("bin/" + applet, tarfile.SYMTYPE, link="busybox")
    layer.add("etc/shadow", content=b"root:*:::::::\n", mode=0o640, gid=42)
    return layer.bytes()


class OwnersWithOneId(ContainerTest):
    def setUp(self):
        super().setUp()
        os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        Layout(self.dir + "/layout").add_image("box", [image_layer()], packed=False)
        self.assert_ran(run([IMAGE, "pull", "-q", "--name", "box", f"oci:{self.dir}/layout"]))
        self.addCleanup(run, [RUN, "rm", "-f", "--all"])

    def container(self, *words, storage="overlay", name="c"):
        return run([RUN, "run", "--storage", storage, "--name", name, *words])

    def exported(self, name="c"):
        """The entries of the container's files, by name."""
        self.assert_ran(run([RUN, "commit", name, "made"]))
        self.assert_ran(run([IMAGE, "save", "-o", self.dir + "/made.tar", "--format", "oci-archive", "made"]))
        run([RUN, "rm", "-f", name])
        return self.entries_of_saved()

    def entries_of_saved(self):
        entries = {}
        with tarfile.open(self.dir + "/made.tar") as outer:
            index = json.load(outer.extractfile("index.json"))
            def blob(digest):
                return outer.extractfile("blobs/" + digest.replace(":", "/"))
            manifest = json.load(blob(index["manifests"][0]["digest"]))
            for layer in manifest["layers"]:
                with tarfile.open(fileobj=blob(layer["digest"])) as tar:
                    entries.update((entry.name.rstrip("/"), entry) for entry in tar)
        return entries

    def test_owners_are_noted_and_committed(self):
        script = """set -e
            touch /file /group /both; mkdir -p /dir/below; ln -s nowhere /link; mkfifo /fifo
            chown 7 /file; chgrp 8 /group; chown -R 9:10 /dir; chown 11:12 /both; chown 0:0 /both
            chown -h 5:5 /link; chown 6:6 /fifo; chmod 4711 /file; chgrp 43 /etc/shadow; chown 15:16 /tmp
            cd /dir; chown 13 below; touch -- -x; chown 14 ./-x"""
        for storage in ("overlay", "fuse"):
            with self.subTest(storage):
                self.assert_ran(self.container("box", "sh", "-c", script, storage=storage))
                made = self.exported()
                self.assertEqual({name: (made[name].uid, made[name].gid) for name in (
                    "file", "group", "both", "dir", "dir/below", "dir/-x", "etc/shadow", "link", "fifo", "tmp")}, {
                        "file": (7, 0), "group": (0, 8), "both": (0, 0), "dir": (9, 10), "dir/below": (13, 0),
                        "dir/-x": (14, 0), "etc/shadow": (0, 43), "link": (0, 0), "fifo": (0, 0), "tmp": (15, 16)})
                self.assertEqual((made["file"].mode, made["etc/shadow"].mode), (0o4711, 0o640))

    def test_owners_that_are_kept_in_lists_are_committed(self):
        """On a file system that knows no attributes of users."""
        script = """mount -t ramfs none store/containers
            "$RUN" run --storage fuse --name c --cap-add MKNOD box sh -ec 'umask 022
                touch /file /again; chown 7:8 /file; chmod 4711 /file; mkdir -p /dir/below; chown 9:10 /dir; chown 11 /dir/below; mv /dir /moved; chown 12 /again; chown 0 /again
                chgrp 43 /etc/shadow; mknod /null c 1 3'
            ls -A store/containers/@c/upper
            "$RUN" commit c made; "$IMAGE" save -o made.tar --format oci-archive made; "$RUN" rm c"""
        os.makedirs(self.dir + "/store/containers", exist_ok=True)
        done = run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", script], cwd=self.dir,
                   env={**os.environ, "RUN": RUN, "IMAGE": IMAGE})
        self.assert_ran(done)
        self.assertIn(".wh..wh.owners\n", done.out)
        made = self.entries_of_saved()
        self.assertEqual({name: (made[name].uid, made[name].gid, made[name].mode) for name in (
            "file", "again", "moved", "moved/below", "etc/shadow", "null")}, {
                "file": (7, 8, 0o4711), "again": (0, 0, 0o644), "moved": (9, 10, 0o755), "moved/below": (11, 0, 0o755),
                "etc/shadow": (0, 43, 0o640), "null": (0, 0, 0o644)})
        self.assertEqual((made["null"].type, made["null"].devmajor, made["null"].devminor), (tarfile.CHRTYPE, 1, 3))
        self.assertFalse([name for name in made if ".wh." in name])

    def test_they_outlive_the_container_process(self):
        for storage in ("overlay", "fuse"):
            with self.subTest(storage):
                self.assert_ran(self.container("box", "sh", "-c", "touch /f; chown 7:8 /f", storage=storage))
                self.assert_ran(run([RUN, "start", "-a", "c"]))
                self.assertEqual((self.exported()["f"].uid), 7)

    def test_errors_are_those_of_chown(self):
        for command, complaint in (("chown 7 /missing", "No such file"), ("chown 7 /bin/sh/x", "Not a directory"),
                                   ("chown 7 /etc/loop", "symbolic links")):
            done = run([RUN, "run", "--rm", "box", "sh", "-c", "ln -s loop /etc/loop; " + command])
            self.assertEqual(done.status, 1, done)
            self.assertIn(complaint, done.err)

    def test_set_user_id_bits_go_as_always(self):
        done = run([RUN, "run", "--rm", "box", "sh", "-c", "touch /f; chmod 6755 /f; chown 7 /f; stat -c %a /f"])
        self.assertEqual(done.out, "755\n", done)

    def test_what_others_mounted_is_not_touched(self):
        os.mkdir(self.dir + "/volume")
        with open(self.dir + "/volume/f", "w", encoding="ascii"):
            pass
        done = run([RUN, "run", "--rm", "-v", self.dir + "/volume:/v", "box", "chown", "7", "/v/f"])
        self.assertEqual(done.status, 1, done)
        self.assertEqual(os.listxattr(self.dir + "/volume/f"), [])
        done = run([RUN, "run", "--rm", "--tmpfs", "/t", "box", "sh", "-c", "touch /t/f && chown 7 /t/f"])
        self.assert_ran(done)

    def test_without_the_capability_it_is_refused(self):
        done = run([RUN, "run", "--rm", "--cap-drop", "CHOWN", "box", "sh", "-c", "touch /f; chown 7 /f"])
        self.assertEqual(done.status, 1, done)

    def test_devices_are_noted_where_they_may_be_made(self):
        make = "umask 022; mknod /null c 1 3 && mknod -m 660 /disk b 8 0"
        done = run([RUN, "run", "--rm", "box", "sh", "-c", make])
        self.assertNotEqual(done.status, 0, done)
        for storage in ("overlay", "fuse"):
            with self.subTest(storage):
                self.assert_ran(self.container("--cap-add", "MKNOD", "box", "sh", "-c", make, storage=storage))
                made = self.exported()
                self.assertEqual([(made[name].type, made[name].devmajor, made[name].devminor, made[name].mode, made[name].size)
                                  for name in ("null", "disk")],
                                 [(tarfile.CHRTYPE, 1, 3, 0o644, 0), (tarfile.BLKTYPE, 8, 0, 0o660, 0)])

    def test_our_overlay_shows_devices_and_pipes_and_keeps_them(self):
        make = """set -e; umask 022
            mknod /null c 1 3; mknod -m 660 /disk b 8 0; mknod /gone c 1 5; rm /gone; mkfifo /pipe
            ! mknod /null c 1 3 2>/failed; cat /failed"""
        look = "stat -c '%n %F %t %T %a' /null /disk /pipe; ls /gone; echo hello >/pipe & cat /pipe; cat /null"
        script = f"if test -e /null; then {look}; else {make}; fi"
        done = self.container("--cap-add", "MKNOD", "box", "sh", "-c", script, storage="fuse")
        self.assert_ran(done)
        self.assertIn("/null: File exists", done.out)
        done = run([RUN, "start", "-a", "c"])
        self.assertEqual(done.out, "/null character special file 1 3 644\n/disk block special file 8 0 660\n"
                                   "/pipe fifo 0 0 644\nhello\n")
        self.assertIn("ls: /gone: No such file", done.err)
        self.assertIn("cat: can't open '/null': Permission denied", done.err)  # it is there to be seen

    def test_links_of_proc_are_left_to_the_kernel(self):
        done = run([RUN, "run", "--rm", "box", "chown", "0", "/proc/self/fd/1"])
        self.assert_ran(done)

    def test_every_profile_has_it_and_those_who_join_too(self):
        with open(self.dir + "/profile", "w", encoding="ascii") as file:
            json.dump({"defaultAction": "SCMP_ACT_ALLOW"}, file)
        self.assert_ran(self.container("-d", "--security-opt", f"seccomp={self.dir}/profile", "box", "sleep", "1000"))
        self.assert_ran(run([RUN, "exec", "c", "sh", "-c", "touch /f; chown 7 /f"]))
        self.assert_ran(run([RUN, "exec", "c", "sh", "-c", "mkdir /new; ls -d /proc/1/root >/new/x; chown -R 8 /new"]))
        self.assert_ran(run([RUN, "stop", "-t", "0", "c"]))
        made = self.exported()
        self.assertEqual((made["f"].uid, made["new"].uid, made["new/x"].uid), (7, 8, 8))

    def test_explain_says_so(self):
        explained = run([RUN, "explain", "--json", "box"])
        self.assert_ran(explained)
        facts = [(fact["kind"], fact["reason"]) for fact in json.loads(explained.out)]
        self.assertIn(("ids", "one id exists, and is root"), facts)
        for without in (["--read-only"], ["--security-opt", "seccomp=unconfined"]):
            explained = run([RUN, "explain", "--json", *without, "box"])
            self.assertNotIn("one id exists, and is root", explained.out)

    def test_a_root_within_the_root_is_seen_as_such(self):
        script = """set -e; mkdir -p /inner/bin /inner/etc; ln /bin/busybox /inner/bin/busybox
            touch /inner/etc/f /etc/f; chroot /inner /bin/busybox chown 7 /etc/f"""
        self.assert_ran(self.container("box", "sh", "-c", script))
        made = self.exported()
        self.assertEqual((made["inner/etc/f"].uid, made["etc/f"].uid), (7, 0))

    def test_nobody_is_left_behind(self):
        self.assert_ran(run([RUN, "run", "--rm", "box", "chown", "7", "/bin"]))
        self.assert_ran(self.container("-d", "--restart", "always", "box", "sh", "-c", "chown 7 /bin"))
        self.assert_ran(run([RUN, "rm", "-f", "c"]))
        self.assertTrue(wait_for(lambda: not processes_naming(self.dir)))


if __name__ == "__main__":
    main()
