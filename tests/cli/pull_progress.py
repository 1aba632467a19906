# SPDX-License-Identifier: Apache-2.0
# run: plain
# run: once
# timeout: 60
"""What a pull says of itself: bars on a terminal, else a line when something begins and ends, or JSON, or nothing."""
import json
import os
import re
import sys
import tarfile

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main, run  # noqa: E402
from image_test import IMAGE  # noqa: E402
from oci_image import Layer, Layout  # noqa: E402
from terminal import Terminal  # noqa: E402

KIND = "device nodes became empty files"


class PullProgress(ContainerTest):
    def setUp(self):
        super().setUp()
        self.layout = Layout(self.dir + "/layout")
        devices, files = Layer(), Layer()
        for name in ("console", "null", "zero"):
            devices.add("dev/" + name, tarfile.CHRTYPE, device=(1, 3))
        files.add("file", content=os.urandom(100_000))
        entry = self.layout.add_image("1", [devices, files])
        self.layers = [layer["digest"] for layer in self.layout.read(entry["digest"])["layers"]]
        self.short = [digest[7:19] for digest in self.layers]

    def words(self, *flags):
        """A pull into a store of its own, with one thread as there is one layer."""
        return [IMAGE, "pull", "--store", f"{self.dir}/store{next(self.numbers)}", *flags, f"oci:{self.dir}/layout"]

    def said(self, *flags):
        done = run(self.words(*flags))
        self.assert_ran(done)
        self.assertRegex(done.out, "^sha256:[0-9a-f]{64}\n$")
        return [line for line in done.err.splitlines() if "warning: no subordinate ids" not in line]

    def test_lines_where_there_is_no_terminal(self):
        for flags in ([], ["--progress", "auto"], ["--progress", "plain"]):
            lines = self.said(*flags)
            for name in self.short:
                first = next(i for i, line in enumerate(lines) if re.fullmatch(rf"{name}: [0-9.]+ (bytes|KiB)", line))
                self.assertIn(f"{name}: done", lines[first + 1:])
            self.assertEqual(len(lines), 5, lines)

    def test_a_kind_of_warning_is_one_line_a_layer(self):
        about = [line for line in self.said("--progress", "plain") if KIND in line]
        self.assertEqual(about, [f'layer {self.short[0]}: {KIND}: "dev/console" and 2 more'])

    def test_objects_where_json_is_asked_for(self):
        events = [json.loads(line) for line in self.said("--progress", "json")]
        self.assertEqual(sorted(one["digest"] for one in events if one["event"] == "begin"), sorted(self.layers))
        self.assertEqual(sorted(one["digest"] for one in events if one["event"] == "done"), sorted(self.layers))
        for one in events:
            if one["event"] == "begin":
                size = os.path.getsize(f"{self.dir}/layout/blobs/{one['digest'].replace(':', '/')}")
                self.assertEqual((one["total"], one["done"]), (size, 0))
        self.assertEqual([one["text"] for one in events if one["event"] == "note"],
                         [f'layer {self.short[0]}: {KIND}: "dev/console" and 2 more'])
        self.assertEqual([one["text"].rpartition(" ")[2] for one in events if one["event"] == "detail"],
                         ['"dev/console"', '"dev/null"', '"dev/zero"'])

    def test_nothing_where_nothing_is_asked_for(self):
        for flags in (["-q"], ["--quiet"], ["--progress", "none"]):
            self.assertEqual(self.said(*flags), [])

    def on_a_terminal(self, *flags):
        with Terminal(self.words(*flags), rows=24, columns=100) as terminal:
            text = terminal.read_to_end()
            self.assertEqual(terminal.wait(), 0, text)
        return text

    def test_bars_on_a_terminal(self):
        for flags in ([], ["--progress", "bar"]):
            text = self.on_a_terminal(*flags)
            self.assertIn("\x1b[", text)
            # What stands there in the end: each layer whole, and once below all that was drawn over.
            last = text.rpartition("\x1b[J")[2]
            for name in self.short:
                self.assertRegex(last, rf"{name}  \[={{30}}\]  [0-9.]+ (bytes|KiB) of [0-9.]+ (bytes|KiB)  done\r\n")
            self.assertEqual(text.count(KIND), 1)

    def test_lines_on_a_terminal_where_they_are_asked_for(self):
        text = self.on_a_terminal("--progress", "plain")
        self.assertNotIn("\x1b", text)
        self.assertIn(f"{self.short[1]}: done\r\n", text)


if __name__ == "__main__":
    main()
