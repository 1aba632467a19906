# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""What is wrong is said in one sentence that names it and what to change; the exit status is defined, nothing is left."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import OCI, ContainerTest, id_ranges, main, run  # noqa: E402

# config.json as text, and what the message has to name.
BAD_JSON = [
    ('{"ociVersion": "1.0.2",\n  "process": {]}', r"2:15|line 2,? column 15"),
    ("", r"config\.json"),
    ("{", r"config\.json"),
    ("[]", r"config\.json"),
    ("null", r"config\.json"),
    ('{"ociVersion": "1.0.2"\n "root": {}}', r"2:\d+|line 2"),
    ('{"ociVersion": "1.0.2",\n\n"hostname": "a\nb"}', r"3:\d+|line 3"),
    ('{"ociVersion": "1.0.2", "hostname": "a", "hostname": "b"}', r"hostname"),
    ('{"ociVersion": 1, "root": {"path": "rootfs"}}', r"ociVersion"),
    ('{"ociVersion": "9.0.0", "root": {"path": "rootfs"}}', r"ociVersion|9\.0\.0"),
    ('{"ociVersion": "1.0.2",} trailing', r"1:24|line 1,? column 24|1:\d+|line 1"),
]

# A change to a working config.json, and the field that the message has to name.
WRONG_TYPES = [
    (["process", "args"], "true", "process.args"),
    (["process", "args"], [], "process.args"),
    (["process", "args"], ["a", 1], r"process.args\[1\]"),
    (["process", "cwd"], "relative", "process.cwd"),
    (["process", "cwd"], 1, "process.cwd"),
    (["process", "env"], [1], r"process.env\[0\]"),
    (["process", "user", "uid"], "0", "process.user.uid"),
    (["process", "noNewPrivileges"], "yes", "process.noNewPrivileges"),
    (["process", "rlimits"], [{"type": "RLIMIT_NONE", "soft": 1, "hard": 1}], r"process.rlimits\[0\].type"),
    (["process", "rlimits"], [{"type": "RLIMIT_NOFILE", "soft": 2, "hard": 1}], r"process.rlimits\[0\]"),
    (["process", "oomScoreAdj"], 5000, "process.oomScoreAdj"),
    (["root", "path"], 5, "root.path"),
    (["root", "readonly"], 1, "root.readonly"),
    (["mounts", 0, "destination"], 1, r"mounts\[0\].destination"),
    (["mounts", 1, "options"], "ro", r"mounts\[1\].options"),
    (["linux", "namespaces", 0, "type"], "users", r"linux.namespaces\[0\].type"),
    (["linux", "namespaces"], [{"type": "mount"}, {"type": "mount"}], r"linux.namespaces\[1\]"),
    (["linux", "uidMappings", 0, "size"], 0, r"linux.uidMappings\[0\].size"),
    (["linux", "uidMappings", 0, "hostID"], -1, r"linux.uidMappings\[0\].hostID"),
    (["linux", "maskedPaths"], ["relative"], r"linux.maskedPaths\[0\]"),
    (["linux", "rootfsPropagation"], "sideways", "linux.rootfsPropagation"),
    (["linux", "seccomp"], {"defaultAction": "SCMP_ACT_SHRUG"}, "linux.seccomp.defaultAction"),
    (["linux", "seccomp"], {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["VAX"]},
     r"linux.seccomp.architectures\[0\]"),
    (["hooks"], {"prestart": [{"path": "relative"}]}, r"hooks.prestart\[0\].path"),
    (["hooks"], {"poststop": [{"path": "/bin/true", "timeout": 0}]}, r"hooks.poststop\[0\].timeout"),
]


class BadInput(ContainerTest):
    def assert_said(self, done, pattern, status=1):
        """One line, for a person, with what to look at; nothing of the container remains."""
        self.assertEqual(done.status, status, done)
        self.assertEqual(done.out, "", done)
        self.assertRegex(done.err, pattern)
        lines = done.err.rstrip("\n").split("\n")
        self.assertEqual(len(lines), 1, done)
        self.assertLess(len(lines[0]), 500, done)
        self.assertEqual([name for name in os.listdir(self.root) if name.strip("@") in self.ids]
                         if os.path.isdir(self.root) else [], [], done)

    def set(self, bundle, path, value):
        place = bundle.config
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    def run_text(self, text):
        bundle = self.bundle()
        with open(os.path.join(bundle.path, "config.json"), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return self.oci("run", "--bundle", bundle.path, self.new_id())

    def test_no_config(self):
        bundle = self.bundle()
        self.assert_said(self.oci("run", "--bundle", bundle.path, self.new_id()), r"config\.json.*No such file")

    def test_no_bundle(self):
        self.assert_said(self.oci("run", "--bundle", os.path.join(self.dir, "nowhere"), self.new_id()), "nowhere")

    def test_bad_json(self):
        for text, pattern in BAD_JSON:
            with self.subTest(text=text):
                self.assert_said(self.run_text(text), pattern)

    def test_bad_utf_8_is_located(self):
        self.assert_said(self.run_text(b'{"ociVersion": "1.0.2",\n "hostname": "\xff"}'), r"line 2, column 15")

    def test_wrong_types(self):
        for path, value, field in WRONG_TYPES:
            with self.subTest(field=field, value=value):
                bundle = self.bundle()
                self.set(bundle, path, value)
                self.assert_said(self.run_bundle(bundle), field)

    def test_missing_rootfs(self):
        bundle = self.bundle()
        bundle.config["root"]["path"] = "nowhere"
        self.assert_said(self.run_bundle(bundle), "nowhere.*No such file")

    def test_missing_program(self):
        for args in (["/bin/nowhere"], ["nowhere"]):
            bundle = self.bundle(*args)
            self.assert_said(self.run_bundle(bundle), "nowhere.*(not found in|[Nn]o such file)", 127)

    def test_missing_interpreter(self):
        bundle = self.bundle("/script")
        bundle.file("script", "#!/nowhere\n", 0o755)
        self.assert_said(self.run_bundle(bundle), "script.*[Nn]o such file", 127)

    def test_not_executable(self):
        bundle = self.bundle("/script")
        bundle.file("script", "text\n", 0o644)
        self.assert_said(self.run_bundle(bundle), "script.*[Pp]ermission denied", 126)

    def test_a_directory_is_no_program(self):
        self.assert_said(self.run_bundle(self.bundle("/bin")), "/bin.*([Pp]ermission denied|[Ii]s a directory)", 126)

    def test_exec_of_what_is_not_there(self):
        container = self.start_bundle(self.bundle("/bin/sleep", "1000"))
        pid_file = os.path.join(self.dir, "pid")
        for program, status in (("/bin/nowhere", 127), ("nowhere", 127), ("/etc/passwd", 126)):
            done = self.oci("exec", "--pid-file", pid_file, container, program)
            self.assertIn(done.status, (status, 255), done)
            self.assertRegex(done.err, program)
            self.assertFalse(os.path.exists(pid_file))

    def test_unknown_mount_type(self):
        bundle = self.bundle()
        bundle.config["mounts"].append({"destination": "/tmp", "type": "nowherefs", "source": "none"})
        self.assert_said(self.run_bundle(bundle), r"mounts\[6\].*nowherefs|nowherefs.*mounts\[6\]")

    def test_unknown_mount_option(self):
        bundle = self.bundle()
        bundle.config["mounts"].append({"destination": "/tmp", "type": "tmpfs", "source": "none",
                                        "options": ["no-such-option"]})
        self.assert_said(self.run_bundle(bundle), r"mounts\[6\].*")

    def test_missing_mount_source(self):
        bundle = self.bundle()
        bundle.config["mounts"].append({"destination": "/tmp", "type": "bind", "source": "/no/where",
                                        "options": ["bind"]})
        self.assert_said(self.run_bundle(bundle), r"mounts\[6\].*/no/where|/no/where.*mounts\[6\]")

    def test_unmapped_id(self):
        for field in ("uid", "gid"):
            bundle = self.bundle()
            bundle.config["process"]["user"][field] = 77
            self.assert_said(self.run_bundle(bundle), rf"process\.user\.{field}.*77")

    def test_ids_that_are_not_ours(self):
        bundle = self.bundle()
        bundle.config["linux"]["uidMappings"][0]["hostID"] = 0
        self.assert_said(self.run_bundle(bundle), r"linux\.uidMappings\[0\]|newuidmap|/etc/subuid")

    def test_missing_namespace(self):
        bundle = self.bundle()
        bundle.config["linux"]["namespaces"][3]["path"] = "/proc/self/ns/nowhere"
        self.assert_said(self.run_bundle(bundle), r"/proc/self/ns/nowhere")

    def test_namespace_of_the_wrong_type(self):
        bundle = self.bundle()
        bundle.config["linux"]["namespaces"][3]["path"] = "/proc/self/ns/uts"
        self.assert_said(self.run_bundle(bundle), r"linux\.namespaces\[3\]|network")

    # A machine or a user that may not.

    def test_no_newuidmap(self):
        """The helpers are not there: ranges were not asked for, so one id serves, and one line says so."""
        if not id_ranges():
            self.skipTest("this user has no subordinate ids")
        bundle = self.bundle("/bin/cat", "/proc/self/uid_map")
        for key in ("uidMappings", "gidMappings"):
            del bundle.config["linux"][key]
        bundle.write()
        # In a mount namespace where the helper is hidden this caller is uid 4242, and has ranges.
        script = ("for name in newuidmap newgidmap; do mount --bind /dev/null /usr/bin/$name; done;"
                  "echo 4242:100000:1000 >$0; mount --bind $0 /etc/subuid; mount --bind $0 /etc/subgid;"
                  'exec unshare --user --map-user=4242 --map-group=4242 "$@"')
        done = run(["unshare", "--map-root-user", "--map-auto", "--mount", "sh", "-c", script,
                    os.path.join(self.dir, "subid"), *self.oci_words(), "run", "--bundle", bundle.path, self.new_id()])
        self.assert_ran(done)
        self.assertEqual(done.out.split(), ["0", "4242", "1"], done)
        self.assertRegex(done.err, "newuidmap")

    def test_no_new_privileges_leaves_one_id(self):
        """newuidmap cannot work for a caller with no_new_privs: one id, and one line that says so."""
        if not id_ranges():
            self.skipTest("this user has no subordinate ids")
        bundle = self.bundle("/bin/cat", "/proc/self/uid_map")
        for key in ("uidMappings", "gidMappings"):
            del bundle.config["linux"][key]
        bundle.write()
        done = run(["setpriv", "--no-new-privs", *self.oci_words(), "run", "--bundle", bundle.path, self.new_id()])
        self.assert_ran(done)
        self.assertEqual(len(done.out.splitlines()), 1, done)
        self.assertRegex(done.err, "no.new.privs")

    def test_ranges_that_newuidmap_refuses(self):
        bundle = self.bundle()
        bundle.config["linux"]["uidMappings"].append({"containerID": 1, "hostID": 4_000_000_000, "size": 1000})
        self.assert_said(self.run_bundle(bundle), r"newuidmap|/etc/subuid|linux\.uidMappings")

    def test_no_user_namespaces_left(self):
        """max_user_namespaces is 0, as administrators set it."""
        bundle = self.bundle()
        for key in ("uidMappings", "gidMappings"):
            bundle.config["linux"][key][0]["hostID"] = 0
        bundle.write()
        script = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"'
        done = run(["unshare", "--map-root-user", "sh", "-c", script, "sh", *self.oci_words(), "run", "--bundle",
                    bundle.path, self.new_id()])
        self.assert_said(done, r"max_user_namespaces")

    def test_user_namespaces_are_forbidden(self):
        """As AppArmor's restriction has it: making one fails with EPERM."""
        bundle = self.bundle()
        bundle.write()
        container = self.new_id()
        log = os.path.join(self.dir, "trace")
        words = ["strace", "-f", "-o", log, "-e", "trace=clone3,clone,unshare",
                 "-e", "inject=clone3,unshare:error=EPERM:when=1+"]
        done = run([*words, *self.oci_words(), "run", "--bundle", bundle.path, container])
        self.assert_said(done, "user namespaces are not allowed here")

    def test_help_is_no_error(self):
        self.assertEqual(subprocess.run([OCI, "--help"], stdout=subprocess.DEVNULL, check=False).returncode, 0)
        done = self.oci("no-such-command")
        self.assert_refused(done)

    def test_the_log_is_one_json_object(self):
        bundle = self.bundle("/bin/nowhere")
        bundle.write()
        log = os.path.join(self.dir, "log.json")
        done = run([OCI, "--root", self.root, "--log-format", "json", "--log", log, "run", "--bundle", bundle.path,
                    self.new_id()])
        self.assertEqual(done.status, 127, done)
        with open(log, encoding="utf-8") as file:
            record = json.loads(file.read())
        self.assertEqual(record["level"], "error")
        self.assertRegex(record["msg"], "nowhere")


if __name__ == "__main__":
    main()
