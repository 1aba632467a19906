# SPDX-License-Identifier: Apache-2.0
"""What the arguments of operations are drawn from: names that are there, names that may be made, sizes, modes."""
import os

import overlay_directories
import overlay_facts
import overlay_held
from overlay_layers import ATTRIBUTES, DIRECTORIES, DIRECTORY_MODES, FILE_MODES, FILES, OWNERS, past
from overlay_operations import KINDS

MOST_FILES, MOST_DIRECTORIES, MOST_DEPTH = 120, 40, 6
MADE = [*FILES, *DIRECTORIES, "m", "n", "M" * 254]
ONLY_WITH_IDS = {"by_another", "set_acl", "set_default_acl"}
GROWS = {"create", "mkdir", "mkfifo", "mksocket", "mknod_of_a_file", "symlink", "link", "create_or_truncate"}


FAMILIES = (overlay_directories, overlay_facts, overlay_held)  # that add to KINDS


class Draw:
    def __init__(self, rng, root, ids):
        self.rng, self.root, self.ids = rng, root, ids
        self.kinds = [name for name in KINDS if ids or name not in ONLY_WITH_IDS]
        self.weights = [KINDS[name][2] for name in self.kinds]
        self.files, self.directories = [], []

    def step(self):
        """An operation for the tree as it is, as (name, arguments)."""
        self.look()
        kinds = self.kinds
        if len(self.files) > MOST_FILES or len(self.directories) > MOST_DIRECTORIES:
            name = self.rng.choice([name for name in kinds if name not in GROWS])
        else:
            name = self.rng.choices(kinds, self.weights)[0]
        return (name, *self.arguments(name))

    def arguments(self, name):
        return [getattr(self, draw)() for draw in KINDS[name][1]]

    def look(self):
        self.files, self.directories = [], []
        for directory, below, files in os.walk(self.root):
            below.sort()
            relative = os.path.relpath(directory, self.root)
            relative = "" if relative == "." else relative
            self.files += [os.path.join(relative, name) for name in sorted(files)]
            self.directories += [os.path.join(relative, name) for name in below]

    def file(self):
        return self.rng.choice(self.files) if self.files and self.rng.random() < 0.95 else self.path()

    def directory(self):
        return self.rng.choice(self.directories) if self.directories and self.rng.random() < 0.95 else self.path()

    def path(self):
        draw = self.rng.random()
        if draw < 0.08 or not self.files or not self.directories:
            return self.new()
        return self.rng.choice(self.files if draw < 0.6 else self.directories)

    def new(self):
        """Sometimes there is something."""
        parents = ["", *(name for name in self.directories if name.count("/") < MOST_DEPTH)]
        if self.rng.random() < 0.03:
            parents = self.files or parents
        return os.path.join(self.rng.choice(parents), self.rng.choice(MADE))

    def text(self):
        return self.rng.choice(["a", "../b", "/nowhere", "y" * 1500, "ä"])

    def mode(self):
        return self.rng.choice(FILE_MODES + DIRECTORY_MODES)

    def offset(self):
        return self.rng.choice([0, 1, 50, 4096, 5000, 70_000, 300_000, 1 << 20])

    def data(self):
        """The arguments of content()."""
        return self.rng.randrange(1000), self.rng.choice([1, 10, 200, 4096, 9000, 70_000])

    def owner(self):
        return self.rng.choice([*OWNERS, (-1, 1000), (1000, -1)]) if self.ids else (0, 0)

    def id(self):
        return self.rng.choice([1, 1000])

    def time(self):
        return past(self.rng)

    def attribute(self):
        return self.rng.choice(ATTRIBUTES)

    def slot(self):
        return self.rng.randrange(3)

    def access(self):
        return self.rng.choice([os.O_RDONLY, os.O_RDWR, os.O_RDWR | os.O_APPEND, os.O_WRONLY])

    def by_others(self):
        name = self.rng.choice(overlay_directories.BY_OTHERS)
        return (name, *self.arguments(name))
