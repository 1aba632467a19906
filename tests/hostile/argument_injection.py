# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""Names are names: nothing in an id, a path or a program is taken for an option, and a bind source is used once.

flatpak CVE-2024-32462, CVE-2024-42472, CVE-2026-34078.
"""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, OCI, ContainerTest, helper, main, run  # noqa: E402

STARTS = 1500 if FULL else 300
BAD_IDS = ["..", ".", "", "a/b", "../x", "a b", "a\nb", "a\tb", "a%b", "a:b", "ä", "a\x7f", "/etc", "a/../b", "*", "a$b"]
DASHED = ["-x", "--help", "--root=/tmp", "-", "--", "--force", "-h"]


class ArgumentInjection(ContainerTest):
    def test_an_id_that_is_a_path_is_refused(self):
        bundle = self.bundle()
        bundle.write()
        for word in BAD_IDS:
            for command in (["run", "--bundle", bundle.path], ["create", "--bundle", bundle.path], ["state"],
                            ["start"], ["kill"], ["delete"], ["exec"]):
                tail = ["/bin/true"] if command == ["exec"] else []
                with self.subTest(command=command[0], id=word):
                    self.assert_refused(self.oci(*command, word, *tail))
        self.assertEqual([name for name in os.listdir(self.dir) if name not in ("state", "bundle0")
                          and not name.startswith("bundle")], [])

    def test_a_dashed_word_is_an_option_or_a_name_but_never_both(self):
        """`delete --force -- -x` names a container; `delete -x` is an unknown option, not one."""
        bundle = self.bundle()
        bundle.write()
        for word in DASHED:
            with self.subTest(word=word):
                done = self.oci("run", "--bundle", bundle.path, word)
                self.assert_no_crash(done)
                self.assertFalse(os.path.exists(os.path.join(self.root, word)), done)
                self.assert_no_crash(self.oci("delete", "--force", "--", word))
        self.assertTrue(os.path.isdir("/tmp"))

    def test_arguments_of_the_program_are_its_own(self):
        words = ["--root=/tmp", "-x", "--", "--version", "", " ", "a\nb", "$(id)", "`id`", "'\"", "\\"]
        bundle = self.bundle("/bin/sh", "-c", 'for word; do echo "<$word>"; done', "sh", *words)
        done = self.run_bundle(bundle)
        self.assert_ran(done)
        self.assertEqual(done.out, "".join(f"<{word}>\n" for word in words))

    def test_arguments_of_exec_are_the_program_s(self):
        container = self.start_bundle(self.bundle("/bin/sleep", "1000"))
        words = ["--tty", "-d", "--", "--help", "--user=0", ""]
        done = self.oci("exec", container, "/bin/sh", "-c", 'for word; do echo "<$word>"; done', "sh", *words)
        self.assert_ran(done)
        self.assertEqual(done.out, "".join(f"<{word}>\n" for word in words))

    def test_paths_that_look_like_options(self):
        """A bundle, a bind source and a root called "-x" or "--root" are found where they are."""
        place = os.path.join(self.dir, "--root=x")
        bundle = self.bundle("/bin/cat", "/tmp/--file")
        os.makedirs(os.path.join(place, "-source"))
        with open(os.path.join(place, "-source/--file"), "w", encoding="ascii") as file:
            file.write("found\n")
        os.rename(bundle.rootfs, os.path.join(bundle.path, "--rootfs"))
        bundle.config["root"]["path"] = "--rootfs"
        bundle.config["mounts"].append({"destination": "/tmp", "type": "bind", "source": os.path.join(place, "-source"),
                                        "options": ["bind"]})
        done = self.run_bundle(bundle)
        self.assert_ran(done)
        self.assertEqual(done.out, "found\n")

    def test_programs_of_the_caller_are_not_taken_from_its_path(self):
        """newuidmap and friends are absolute: a directory of impostors first in PATH is never looked at."""
        impostors = os.path.join(self.dir, "impostors")
        os.mkdir(impostors)
        trace = os.path.join(self.dir, "trace")
        for name in ("newuidmap", "newgidmap", "getsubids", "sh", "wolffia-oci", "mount", "ip", "cp"):
            path = os.path.join(impostors, name)
            with open(path, "w", encoding="ascii") as file:
                file.write(f"#!/bin/sh\necho {name} >>{trace}\nexit 1\n")
            os.chmod(path, 0o755)
        bundle = self.bundle("/bin/true")
        del bundle.config["linux"]["uidMappings"], bundle.config["linux"]["gidMappings"]
        bundle.write()
        environment = {**os.environ, "PATH": impostors + ":" + os.environ["PATH"]}
        done = run([OCI, "--root", self.root, "run", "--bundle", bundle.path, self.new_id()], env=environment)
        self.assert_ran(done)
        self.assertFalse(os.path.exists(trace), done)

    def source_volume(self):
        """real: a directory that may be shown, link: leads to a secret; both are exchanged for ever."""
        volume = os.path.join(self.dir, "volume")
        os.makedirs(os.path.join(volume, "real"))
        os.makedirs(os.path.join(self.dir, "secret"))
        for place, text in (("volume/real", "shared"), ("secret", "secret")):
            with open(os.path.join(self.dir, place, "name"), "w", encoding="ascii") as file:
                file.write(text + "\n")
        os.symlink(os.path.join(self.dir, "secret"), os.path.join(volume, "link"))
        return volume

    def race_for_source(self, option):
        volume = self.source_volume()
        bundle = self.bundle("/bin/cat", "/shared/name")
        os.mkdir(bundle.inside("shared"))
        bundle.config["mounts"].append({"destination": "/shared", "type": "bind", "source": volume + "/real",
                                        "options": ["rbind", "ro", *option]})
        bundle.write()
        seen = {}
        with helper("swap", volume, "real", "link"):
            for number in range(STARTS):
                done = self.oci("run", "--bundle", bundle.path, f"race{os.getpid()}-{number}")
                self.assert_no_crash(done)
                answer = done.out if done.status == 0 else "refused"
                seen[answer] = seen.get(answer, 0) + 1
        shutil.rmtree(volume)
        print(f"{option}: {seen}")
        return seen

    def test_a_source_that_must_not_be_a_link_never_is_one(self):
        seen = self.race_for_source(["src-nofollow"])
        self.assertNotIn("secret\n", seen)
        self.assertGreater(seen.get("shared\n", 0), 0, "no start succeeded: the race proves nothing")

    def test_a_source_is_one_thing_or_the_other(self):
        seen = self.race_for_source([])
        self.assertLessEqual(set(seen), {"shared\n", "secret\n", "refused"})
        self.assertGreater(seen.get("shared\n", 0), 0, "no start succeeded: the race proves nothing")


if __name__ == "__main__":
    main()
