# SPDX-License-Identifier: Apache-2.0
# timeout: 120
"""A working day: the compiler is in an image, the sources are in the current directory, and what comes out is the user's."""
import os
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import TMP, ContainerTest, main, run  # noqa: E402
from host_layer import HostLayer  # noqa: E402
from oci_image import Layout  # noqa: E402

IMAGE, RUN = os.environ["WOLFFIA_IMAGE"], os.environ["WOLFFIA"]
SOURCE = '#include <stdio.h>\n#include "greeting.h"\nint main(void) { puts(GREETING); return 0; }\n'


def asked(*words, **options):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **options).stdout


def compiler_layer(directory):
    """gcc, and as much of the C library as it says that hello.c needs."""
    layer = HostLayer()
    gcc = asked("which", "gcc").strip()
    layer.take_program(gcc)
    for part in ("cc1", "collect2", "as", "ld", "lto-wrapper"):
        layer.take_program(asked("which", asked(gcc, f"-print-prog-name={part}").strip()).strip())
    layer.take_program(asked(gcc, "-print-file-name=liblto_plugin.so").strip())
    with open(directory + "/probe.c", "w", encoding="ascii") as file:
        file.write("#include <stdio.h>\nint main(void) { return puts(\"\"); }\n")
    headers = asked(gcc, "-O2", "-M", "probe.c", cwd=directory).replace("\\\n", " ").split()[2:]
    linked = asked(gcc, "-Wl,-t", "-o", "probe", "probe.c", cwd=directory).split("\n")
    scripts = [asked(gcc, "-print-file-name=" + name).strip() for name in ("libc.so", "libgcc_s.so", "libgcc_s.so.1")]
    for path in [*headers, *linked, *scripts]:
        path = os.path.normpath(path.strip("()"))
        if path.startswith("/usr") or path.startswith("/lib"):
            layer.take(path)
    return layer


class Compiler(ContainerTest):
    @classmethod
    def setUpClass(cls):
        os.environ["WOLFFIA_STORE"] = TMP + "/store"
        Layout(TMP + "/layout").add_image("cc", [compiler_layer(TMP)], {"Cmd": ["gcc"]}, packed=False)
        asked(IMAGE, "pull", "-q", "--name", "cc", f"oci:{TMP}/layout")

    def setUp(self):
        super().setUp()
        self.project = self.dir + "/project"
        os.mkdir(self.project)
        for name, content in (("hello.c", SOURCE), ("greeting.h", '#define GREETING "hello"\n')):
            with open(os.path.join(self.project, name), "w", encoding="ascii") as file:
                file.write(content)

    def in_image(self, *words):
        done = run([RUN, "run", "--rm", "--here", "cc", *words], cwd=self.project, timeout=60)
        self.assert_ran(done)
        return done

    def test_what_is_compiled_belongs_to_the_user_and_runs_here(self):
        self.in_image("gcc", "-O2", "-c", "hello.c")
        self.in_image("sh", "-c", "gcc -o hello hello.o && mkdir out && ./hello > out/said")
        for name in ("hello.o", "hello", "out", "out/said"):
            found = os.stat(os.path.join(self.project, name))
            self.assertEqual((found.st_uid, found.st_gid), (os.geteuid(), os.getegid()), name)
        self.assertTrue(os.stat(self.project + "/hello").st_mode & stat.S_IXUSR)
        self.assertEqual(run([self.project + "/hello"]).out, "hello\n")
        with open(self.project + "/out/said", encoding="ascii") as file:
            self.assertEqual(file.read(), "hello\n")

    def test_an_edit_is_seen_by_the_next_run_and_a_mistake_is_told(self):
        with open(self.project + "/greeting.h", "w", encoding="ascii") as file:
            file.write('#define GREETING "changed"\n')
        self.assertEqual(self.in_image("sh", "-c", "gcc -o hello hello.c && ./hello").out, "changed\n")
        os.truncate(self.project + "/greeting.h", 0)
        done = run([RUN, "run", "--rm", "--here", "cc", "gcc", "-c", "hello.c"], cwd=self.project, timeout=60)
        self.assertEqual(done.status, 1)
        self.assertIn("hello.c:3", done.err)
        self.assertFalse(os.path.exists(self.project + "/hello.o"))

    def test_nothing_beside_the_directory_is_seen(self):
        with open(self.dir + "/secret", "w", encoding="ascii") as file:
            file.write("secret\n")
        done = run([RUN, "run", "--rm", "--here", "cc", "cat", "../secret"], cwd=self.project)
        self.assertEqual(done.status, 1)
        self.assertEqual(done.out, "")


if __name__ == "__main__":
    main()
