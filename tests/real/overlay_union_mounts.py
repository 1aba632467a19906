# SPDX-License-Identifier: Apache-2.0
# needs: ids
"""Every case of the union mount suite: opening, making, linking, moving and removing what a lower layer has, by its name, by
symbolic links, with a slash behind it. One table says what is to happen, and a plain directory proves the table; what is left
is the same after another mount. Reading brings nothing to the upper layer, writing does."""
import errno
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import ContainerTest, main  # noqa: E402
from overlay_mount import KERNEL, PROGRAM, Mount, make_layers  # noqa: E402
from overlay_sides import Picture, Side, differences  # noqa: E402
from overlay_union_cases import DIRECTORIES, NAMES, OPENING  # noqa: E402
from overlay_union_renames import RENAMES, STAYING  # noqa: E402
from overlay_union_steps import ANY, Step, lay_out, width  # noqa: E402

FIRST = 100
ERRORS = errno.errorcode.values()
CASES = OPENING | DIRECTORIES | NAMES | RENAMES


def steps_of(scenarios, first, slash):
    """A list for each scenario, whose names no other has, and the first number that is left."""
    found = []
    for scenario in scenarios:
        found.append([Step(text, first, slash) for text in scenario.split("; ")])
        first += width(scenario)
    return found, first


def used(scenarios):
    """The names of all of them, with their numbers."""
    return {name for steps in scenarios for step in steps for name in step.uses}


def files_in(upper):
    """Of a layer, whatever is neither a directory nor a removal."""
    return {os.path.relpath(entry, upper) for entry in walk(upper)}


def walk(path):
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from walk(entry.path)
            elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
                yield entry.path


class UnionMounts(ContainerTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(os.chdir, os.getcwd())
        self.told = []

    def expect(self, where, step, outcome, expected):
        if expected != ANY and outcome != expected:
            self.told.append(f"{where}: {step.text!r} of {step.first}: {outcome!r} instead of {expected!r}")

    def on_plain_directory(self, root, scenarios):
        """What comes of each step, by which the table is proved."""
        os.chdir(root + "/a")
        outcomes = {step: step.run() for steps in scenarios for step in steps}
        for step, outcome in outcomes.items():
            if not step.ends:
                self.expect("plain directory", step, outcome, step.expected())
        return outcomes

    def on_mount(self, layers, path, scenarios, outcomes):
        """Whether every step was taken: the kernel refuses to rename a directory of a lower layer."""
        os.chdir(path + "/a")
        whole, before = True, set()
        for steps in scenarios:
            for step in steps:
                outcome = step.run()
                if PROGRAM == KERNEL and outcome == "EXDEV":
                    whole = False
                    break
                self.expect("mount", step, outcome, outcomes[step])
                before = self.expect_layer(step, outcome, path, layers.upper, before)
        os.chdir("/")
        return whole

    def expect_layer(self, step, outcome, path, upper, before):
        """Returns what the upper layer has now."""
        changed, now = step.changes(), files_in(upper)
        if outcome in ERRORS or changed == "":
            self.expect("upper layer", step, sorted(now - before), [])
        elif changed is not None:
            self.expect("upper layer", step, os.path.relpath(changed, path) in now, True)
        return now

    def check_case(self, name):
        """Once as the table says, once with a slash behind each path, on names of their own."""
        layers, plain, path = make_layers(self.dir), self.dir + "/directory", self.dir + "/mount"
        layers.more = [] if PROGRAM == KERNEL else ["fsync=0"]
        steps, first = [], FIRST
        for slash in (False, True):
            more, first = steps_of(CASES[name], first, slash)
            steps += more
        for root in (layers.lower[0], plain):
            lay_out(root, used(steps))
        outcomes = self.on_plain_directory(plain, steps)
        with Mount(layers, path):
            whole = self.on_mount(layers, path, steps, outcomes)
        with Mount(layers, path):
            mine = Picture(Side(path))
        if PROGRAM == KERNEL:
            mine.forgive_the_kernel()
        if whole:
            self.told += differences(mine, Picture(Side(plain)), ("time",))
        self.assertFalse(self.told, "\n".join(self.told))

    def test_rename_exdev(self):
        """Of a directory with something in a lower layer, where redirect_dir=off asks for that."""
        layers, path = make_layers(self.dir), self.dir + "/mount"
        layers.more = [] if PROGRAM == KERNEL else ["redirect_dir=off"]
        steps, _ = steps_of(STAYING["rename-exdev"], FIRST, False)
        lay_out(layers.lower[0], used(steps))
        with Mount(layers, path):
            os.chdir(path + "/a")
            for step in sum(steps, []):
                self.expect("mount", step, step.run(), step.expected())
            os.chdir("/")
        self.assertFalse(self.told, "\n".join(self.told))


for case in CASES:
    setattr(UnionMounts, "test_" + case.replace("-", "_"), lambda self, case=case: self.check_case(case))

if __name__ == "__main__":
    main()
