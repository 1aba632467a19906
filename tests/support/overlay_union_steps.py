# SPDX-License-Identifier: Apache-2.0
"""Lays out the files of the union mount suite's cases and carries their steps out; overlay_union_cases.py has the cases."""
import contextlib
import errno
import os
import re
import shutil

from overlay_union_cases import TEXT

OTHER = 1  # the id of somebody who is not root
LETTERS = {"c": os.O_CREAT, "x": os.O_EXCL, "t": os.O_TRUNC, "a": os.O_APPEND, "d": os.O_DIRECTORY}
OWN = re.compile(r"([a-z]+(?:_[a-z]+)?)(?::(\d+))?(.*)")
ANY = "?"  # an expectation: whatever a plain directory answers


TEXTS = {"file": TEXT, "roots": TEXT}
LINKS = {"link": "file", "links": "link", "broken": "none", "full_link": "full", "full_links": "full_link"}


def lay_out(root, wanted):
    """What a layer holds of some names with their numbers, and what those need. A file and its links are not root's."""
    os.makedirs(root + "/a")
    wanted = set(wanted)
    for name in ("links", "full_links", "link", "full_link", "broken"):
        wanted |= {(LINKS[name], number) for other, number in wanted if other == name}
    for name, number in sorted(wanted):
        lay(name, number, f"{root}/a/{name}{number}")
        if name in ("file", "link", "links", "broken"):
            os.lchown(f"{root}/a/{name}{number}", OTHER, OTHER)


def lay(name, number, path):
    if name in TEXTS:
        put(path, TEXTS[name])
    elif name in LINKS:
        os.symlink(f"{LINKS[name]}{number}" if name in ("links", "full_links", "broken") else f"../a/{LINKS[name]}{number}", path)
    elif name in ("empty", "full"):
        os.mkdir(path)
    if name == "full":
        os.makedirs(path + "/pop/c")
        put(path + "/a", "")
        put(path + "/pop/b", ":aaa:bbb:ccc")


def put(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def width(scenario):
    """How many sets of names it uses."""
    return 1 + max([int(number) for number in re.findall(r"[a-z]:(\d+)", scenario)], default=0)


@contextlib.contextmanager
def somebody(another):
    """As another user where that is said."""
    if another:
        os.setegid(OTHER)
        os.seteuid(OTHER)
    try:
        yield
    finally:
        if another:
            os.seteuid(0)
            os.setegid(0)


class Step:
    """One of them, of a scenario whose names begin at `first`; with `slash` its paths end in one."""

    def __init__(self, text, first, slash):
        self.text, self.first, self.uses = text, first, set()
        words = text.split(" ")
        self.as_other = words[0] == "as-other"
        words = words[self.as_other:]
        self.fails = words.pop() if re.fullmatch(r"E[A-Z0-9]+|\?", words[-1]) else None
        self.verb, self.words = words[0], words[1:]
        self.ends, self.makes = "/" if slash else "", False
        self.path = self.at(self.words[0])
        self.other = self.at(self.words[1]) if self.verb in ("rename", "link", "same") else None

    def at(self, word):
        """A name with its number: full:1/a is full101/a where the scenario begins at 100."""
        if word == ".":
            return "../a" + self.ends
        name, offset, rest = OWN.fullmatch(word).groups()
        number = self.first + int(offset or 0)
        self.uses.add((name, number))
        return f"{name}{number}{rest}{self.ends}"

    def expected(self):
        if self.fails:
            return self.fails
        rest = self.words[1:]
        if self.verb == "holds":
            return rest[0] if rest else TEXT
        if self.verb in ("size", "links"):
            return int(rest[0])
        if self.verb == "readlink":
            return re.sub(r"#(\d*)", lambda found: str(self.first + int(found[1] or 0)), rest[0])
        return {"list": rest, "void": "", "lacks": "ENOENT", "same": True}.get(self.verb)

    def run(self):
        """What comes of it, or the name of the error."""
        with somebody(self.as_other):
            try:
                return getattr(self, "do_" + self.verb)()
            except OSError as failure:
                return errno.errorcode[failure.errno]

    def changes(self):
        """The file that the upper layer must have after it; an empty word where nothing may have come there."""
        if self.verb == "truncate" or (self.verb == "open" and (self.makes or set(self.words[1]) & set("wt"))):
            return os.path.realpath(self.path)
        return "" if self.verb in ("holds", "void", "lacks", "list", "readlink", "size", "open") else None

    def do_open(self):
        letters = self.words[1]
        self.makes = not os.path.exists(self.path)
        access = os.O_RDWR if letters.startswith("rw") else os.O_WRONLY if letters.startswith("w") else os.O_RDONLY
        flags = access | sum(LETTERS.get(letter, 0) for letter in letters)
        fd = os.open(self.path, flags, 0o644)
        try:
            if len(self.words) > 2:
                os.write(fd, self.words[2].encode())
        finally:
            os.close(fd)

    def do_holds(self):
        with open(self.path, "rb") as file:
            text = file.read()
            return text.decode() if len(text) == os.fstat(file.fileno()).st_size else "another size"

    do_void = do_lacks = do_holds

    def do_list(self):
        return sorted(os.listdir(self.path))

    def do_size(self):
        return os.lstat(self.path).st_size

    def do_links(self):
        return os.lstat(self.path).st_nlink

    def do_same(self):
        return os.path.samestat(os.lstat(self.path), os.lstat(self.other))

    def do_readlink(self):
        return os.readlink(self.path)

    def do_truncate(self):
        os.truncate(self.path, int(self.words[1]))

    def do_touch(self):
        os.utime(self.path)

    def do_chmod(self):
        os.chmod(self.path, 0o640)

    def do_mkdir(self):
        os.mkdir(self.path, 0o755)

    def do_rmdir(self):
        os.rmdir(self.path)

    def do_rmtree(self):
        shutil.rmtree(self.path)

    def do_unlink(self):
        os.unlink(self.path)

    def do_link(self):
        os.link(self.path, self.other, follow_symlinks=False)

    def do_rename(self):
        os.rename(self.path, self.other)
