# SPDX-License-Identifier: Apache-2.0
"""Random histories on a union mount, in step with the same on a plain directory that began as the merged tree."""
import ast
import os
import random
import re
import time

import overlay_layers
from harness import run
from overlay_draws import Draw
from overlay_layers import Generator, Merger, describe
from overlay_mount import KERNEL, Layers, Mount, Watchdog, has_ids
from overlay_operations import KINDS
from overlay_sides import Picture, Side, compared, differences, facts, outcome

EVERY = 40      # steps, after which everything is compared
SHRINKING = 60  # seconds
UNTOLD = 1200   # characters of an outcome
# What the kernel's overlayfs knows of our layers: hard links it breaks (index=off), and inode numbers are its own.
BY_THE_KERNEL = ("links",)


class Mismatch(Exception):
    """The mount is not what the model is."""


def short(value):
    text = re.sub(r"((?:\\\\x)?[^'\\\\])\1{19,}", lambda run: f"{run[1]}…{len(run[0]) // len(run[1])}…", str(value))
    return text if len(text) < UNTOLD else text[:UNTOLD] + "…"


def told(mine, model):
    """Of two outcomes. Where bytes were read, the first that are others."""
    if isinstance(mine, tuple) and isinstance(model, tuple) and len(mine) == len(model):
        return "; ".join(told(*pair) for pair in zip(mine, model) if pair[0] != pair[1])
    if isinstance(mine, bytes) and isinstance(model, bytes):
        at = len(os.path.commonprefix([mine, model]))
        return f"at {at} of {len(mine)} bytes {mine[at:at + 8]} instead of {model[at:at + 8]} of {len(model)}"
    return f"{short(repr(mine))} instead of {short(repr(model))}"


class World:
    """Layers made from a seed, the mount, and the model beside it."""

    def __init__(self, seed, directory, program, more=()):
        rng = random.Random(seed)
        self.directory, self.ids, self.wh_files = directory, has_ids(), rng.random() < 0.2 and program != KERNEL
        overlay_layers.remove(directory)
        os.makedirs(directory)
        os.symlink("b", os.path.join(directory, "b"))  # what a link "../b" in a root leads to, out of the tree: ELOOP
        generator = Generator(f"layers {seed}", self.ids, self.wh_files)
        count = rng.randrange(1, 5)
        lower = [os.path.join(directory, f"lower{i}") for i in range(count)]
        for path in lower:
            generator.layer(path)
        self.layers = Layers(lower, os.path.join(directory, "upper"), os.path.join(directory, "work"), more)
        os.mkdir(self.layers.work)
        os.mkdir(self.layers.upper)
        if rng.random() < 0.5:
            generator.layer(self.layers.upper, is_upper=True)
        Merger().merge([self.layers.upper, *lower], os.path.join(directory, "model"), os.path.join(directory, "unseen"))
        self.model = Side(os.path.join(directory, "model"), os.path.join(directory, "unseen"))
        self.mine = Side(os.path.join(directory, "mount"))
        self.mount = Mount(self.layers, self.mine.root, program)

    def compare(self, when, without=()):
        mine = Picture(self.mine)
        if self.mount.program == KERNEL:
            mine.forgive_the_kernel()
        found = differences(mine, Picture(self.model), without)
        if found:
            raise Mismatch(when + ":\n  " + "\n  ".join(found[:8]))

    def step(self, order):
        """One operation on both. Errors: Mismatch."""
        name, *arguments = order
        mine, model = (outcome(KINDS[name][0], side, arguments) for side in (self.mine, self.model))
        if mine != model:
            raise Mismatch(f"{order}: {told(mine, model)}")
        for path in touched(order):
            found = compared(path, facts(self.mine, path), facts(self.model, path))
            if found:
                raise Mismatch(f"after {order}:\n  " + "\n  ".join(found))

    def through_the_kernel(self):
        """What it reads of the layers that are left. Files named .wh. are nothing special to it."""
        if self.wh_files:
            return
        self.mount.program = KERNEL
        with self.mount:
            self.compare("through the kernel's overlayfs", BY_THE_KERNEL)


def touched(order):
    """The paths of an operation, and the directories that they are in."""
    found = set()
    for argument in order[1:]:
        if isinstance(argument, tuple) and argument and argument[0] in KINDS:
            found |= touched(argument)
    names = KINDS[order[0]][1]
    paths = [argument for name, argument in zip(names, order[1:]) if name in ("path", "new", "file", "directory")]
    return found | set(paths) | {os.path.dirname(path) for path in paths}


def related(orders):
    """Those that may have to do with what the last did: their names are its names, or lie above or below."""
    names, slots, kept = set(), set(), []
    for order in reversed(orders):
        mine = touched(order) - {""}
        held = {argument for name, argument in zip(KINDS[order[0]][1], order[1:]) if name == "slot"}
        if not kept or held & slots or any(is_above(one, other) or is_above(other, one) for one in mine for other in names):
            names, slots, kept = names | mine, slots | held, [order, *kept]
    return kept


def is_above(one, other):
    return (other + "/").startswith(one + "/")


class History:
    """`orders` grows while it runs, as (name, arguments); a replay is given them."""

    def __init__(self, seed, directory, program, steps, orders=None):
        self.seed, self.directory, self.program, self.steps = seed, directory, program, steps
        self.orders, self.replay = [], orders

    def run(self, watchdog):
        """None, or the mismatch."""
        world = World(self.seed, self.directory, self.program)
        try:
            world.mount.mount()
            try:
                self.go(world, watchdog)
            finally:
                world.mine.drop_all()
                world.model.drop_all()
            world.mount.unmount()
            world.mount.mount()
            world.compare("after another mount")
            world.mount.unmount()
            if self.program != KERNEL:
                world.through_the_kernel()
            return None
        except Mismatch as mismatch:
            return mismatch
        except (AssertionError, OSError) as failure:
            return Mismatch(f"{type(failure).__name__}: {failure}")
        finally:
            world.mount.abandon()

    def go(self, world, watchdog):
        draw = Draw(random.Random(f"steps {self.seed}"), world.model.root, world.ids)
        world.compare("before anything was done")
        for number in range(self.steps if self.replay is None else len(self.replay)):
            order = draw.step() if self.replay is None else self.replay[number]
            self.orders.append(order)
            watchdog.feed(world.mount)
            world.step(order)
            if number % EVERY == EVERY - 1:
                world.compare(f"after {order}")
        world.compare("at the end")


def shortest(history, watchdog, seconds=SHRINKING):
    """The history without as many of its operations as can be left out before the time is over, and its mismatch."""
    deadline = time.monotonic() + seconds
    best, mismatch = list(history.orders), None
    chosen = related(best)
    if found := History(history.seed, history.directory, history.program, 0, chosen).run(watchdog):
        best, mismatch = chosen, found
    size = max(1, len(best) // 2)
    while size and time.monotonic() < deadline:
        at = 0
        while at < len(best) and time.monotonic() < deadline:
            shorter = best[:at] + best[at + size:]
            found = History(history.seed, history.directory, history.program, 0, shorter).run(watchdog)
            if found:
                best, mismatch = shorter, found
            else:
                at += size
        size //= 2
    return best, mismatch


def named(text):
    """The paths that differences() tells of."""
    return [ast.literal_eval(quoted) for quoted in re.findall(r"^  ('[^']*'|\"[^\"]*\")", text, re.MULTILINE)]


def above(path):
    """A path with those of the directories that it lies in."""
    return {path, *(path[:end.start()] for end in re.finditer("/", path))}


def report(history, mismatch, orders):
    """Everything that is needed to do it again by hand."""
    world = World(history.seed, history.directory, history.program)
    names = set().union(*map(touched, orders), *(above(path) for path in named(str(mismatch))))
    lines = [f"seed {history.seed}: {short(mismatch)}", "The shortest history that was found:"]
    lines += [f"  {name}({', '.join(short(repr(argument)) for argument in arguments)})" for name, *arguments in orders]
    for layer in [world.layers.upper, *world.layers.lower]:
        lines += [f"In {os.path.basename(layer)}:", *("  " + short(line) for line in describe(layer, names))]
    return "\n".join(lines)


def check(seed, directory, program, steps, shrinking=SHRINKING):
    """None, or what is wrong."""
    with Watchdog() as watchdog:
        history = History(seed, directory, program, steps)
        mismatch = history.run(watchdog)
        if not mismatch:
            run(["rm", "-rf", directory])
            return None
        orders, shorter = shortest(history, watchdog, shrinking)
        return report(history, shorter or mismatch, orders if shorter else history.orders)
