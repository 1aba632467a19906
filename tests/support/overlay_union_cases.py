# SPDX-License-Identifier: Apache-2.0
"""What the named cases of the union mount suite do, and what has to come of it.

A case is a list of scenarios, each with a set of names of its own: `file`, symbolic links to it by one and by two steps
(`link`, `links`), one to nothing (`broken`, to `none`), a directory with `a`, `pop/b` and `pop/c/` in it (`full`), links to
that (`full_link`, `full_links`), an empty one (`empty`), names of nothing (`none`, `nodir`), and a file of root (`roots`).
A scenario is a line of steps; a step that has to fail ends in its error.
"""
TEXT = ":xxx:yyy:zzz"  # of `file` and `roots`; `a` is empty, `b` holds :aaa:bbb:ccc
ACCESSES = ("r", "w", "wa", "rw", "rwa")  # open(2): to read, to write, to append


def holds(name, text):
    """The step that looks into a file."""
    if text is None:
        return f"lacks {name}"
    return f"holds {name} {text}" if text else f"void {name}"


def opened(access, flags, text, reached_by_link=False):
    """What open(2) does to a file: the error, or None, and its text afterwards when `new` is written as well."""
    exists = text is not None
    if "x" in flags and (exists or reached_by_link):
        return "EEXIST", lambda new: text
    if not exists and "c" not in flags:
        return "ENOENT", lambda new: text
    before = "" if "t" in flags or not exists else text
    if "w" not in access:
        return None, lambda new: before
    return None, lambda new: before + new if "a" in access else new + before[len(new):]


def of_file(name, flags, text, target=None):
    """Every way to open, twice: the second time it may be there."""
    scenarios = []
    for access in ACCESSES:
        steps, now = [], text
        for new in ("q", "p"):
            error, then = opened(access, flags, now, target is not None)
            steps.append(f"open {name} {access}{flags}" + (f" {error}" if error else f" {new}" if "w" in access else ""))
            now = then(new)
            steps.append(holds(target or name, now))
        scenarios.append("; ".join(steps))
    return scenarios


def of_directory(name, accesses, more=""):
    """Errors only; which one stands for O_DIRECTORY with O_CREAT depends on the kernel, hence the question mark."""
    scenarios = []
    for access in accesses:
        error = "EEXIST" if "x" in access else "EISDIR" if set(access) & set("wct") else ""
        if more and "c" in access:
            error = "?"
        step = f"open {name} {access}{more} {error}".rstrip()
        scenarios.append("; ".join([step, step, f"open {name} r{more}", f"void {name}/a", step, f"list {name} a pop"]))
    return scenarios


WEIRD = tuple(access + flags for access in "rw" for flags in ("c", "cx", "t", "tc", "tcx"))

OPENING = {
    f"{prefix}-{flags_name}": of_file(name, flags, text, target)
    for prefix, name, text, target, kinds in (
        ("open", "file", TEXT, None, "plain trunc creat creat-trunc creat-excl creat-excl-trunc"),
        ("noent", "none", None, None, "plain trunc creat creat-trunc creat-excl creat-excl-trunc"),
        ("sym1", "link", TEXT, "file", "plain trunc creat creat-excl"),
        ("sym2", "links", TEXT, "file", "plain trunc creat creat-excl"),
        ("symx", "broken", None, "none", "plain trunc creat creat-trunc creat-excl"))
    for flags_name in kinds.split()
    for flags in ("".join({"plain": "", "trunc": "t", "creat": "c", "excl": "x"}[word] for word in flags_name.split("-")),)}

DIRECTORIES = {
    "dir-open": of_directory("full", ACCESSES),
    "dir-weird-open": of_directory("full", WEIRD),
    "dir-open-dir": of_directory("full", ACCESSES, "d"),
    "dir-weird-open-dir": of_directory("full", WEIRD, "d"),
    "dir-sym1-open": of_directory("full_link", ACCESSES),
    "dir-sym1-weird-open": of_directory("full_link", WEIRD),
    "dir-sym2-open": of_directory("full_links", ACCESSES),
    "dir-sym2-weird-open": of_directory("full_links", WEIRD),
}

LENGTHS = [f"size file 12; truncate file {length}; size file {length}; " + holds("file", (TEXT + chr(0) * 17)[:length])
           for length in range(29)]


def lines(text):
    return [line for line in text.strip().splitlines() if line]


NAMES = {
    "truncate": LENGTHS,
    "readlink": lines("""
readlink file EINVAL; readlink full EINVAL; readlink none ENOENT; readlink nodir ENOENT
readlink link ../a/file#; readlink links link#; holds links
readlink full_link ../a/full#; readlink full_links full_link#; list full_links a pop
readlink broken none#; readlink none ENOENT
"""),
    "mkdir": lines("""
mkdir nodir; mkdir nodir EEXIST; list nodir; mkdir nodir/sub; list nodir sub
mkdir file EEXIST; mkdir file EEXIST; mkdir file/sub ENOTDIR; holds file
mkdir empty EEXIST; list empty; mkdir empty/sub; mkdir empty/sub EEXIST; list empty sub
mkdir full EEXIST; void full/a; mkdir full/sub; mkdir full/sub EEXIST; list full a pop sub; void full/a
mkdir link EEXIST; mkdir links EEXIST; mkdir file EEXIST; holds links
mkdir full_link EEXIST; mkdir full_links EEXIST; void full_link/a; void full_links/a; void full/a
mkdir full_link/sub; mkdir full_links/sub EEXIST; list full a pop sub
mkdir broken EEXIST; mkdir broken EEXIST; lacks broken; mkdir nodir/sub ENOENT
"""),
    "rmdir": lines("""
rmdir nodir ENOENT; rmdir nodir/sub ENOENT; rmdir nodir ENOENT
rmdir file ENOTDIR; rmdir file/sub ENOTDIR; holds file; rmdir link ENOTDIR; rmdir broken ENOTDIR
rmdir full_link ENOTDIR; rmdir full_links ENOTDIR; list full_links a pop
rmdir empty; rmdir empty ENOENT; rmdir empty/sub ENOENT; lacks empty
rmdir empty/sub ENOENT; list empty; rmdir empty; mkdir empty; list empty
rmdir full ENOTEMPTY; unlink full/a; unlink full/a ENOENT; rmdir full ENOTEMPTY; rmtree full; lacks full/a
open empty/b wcx text; rmdir empty ENOTEMPTY; unlink empty/b; lacks empty/b; rmdir empty; lacks empty
rmdir full ENOTEMPTY; open full/a w text; holds full/a text; unlink full/a; lacks full/a; rmtree full; lacks full
unlink full/a; mkdir full/a; mkdir full/a EEXIST; rmdir full ENOTEMPTY; rmdir full/a; rmdir full/a ENOENT; rmtree full
rmdir full/pop/c; rmdir full/pop/c ENOENT; mkdir full/pop/c; mkdir full/pop/c EEXIST; holds full/pop/b :aaa:bbb:ccc
rmtree full; lacks full/pop/b; mkdir full; list full; mkdir full/pop; list full/pop; rmtree full; rmdir full ENOENT
"""),
    "rmtree": lines("rmtree full; lacks full; lacks full/a; mkdir full; list full\nrmtree full/pop; list full a; rmtree full"),
    "rmtree-new": lines("""
mkdir nodir; open nodir/a wc text; mkdir nodir/pop; open nodir/pop/b wc text; rmtree nodir; lacks nodir/a; lacks nodir
open full/new wc text; mkdir full/pop/new; rmtree full; lacks full; mkdir full; list full
"""),
    "hard-link": lines("""
link file none; holds file; holds none; links file 2; same file none; open none w Q; holds file Qxxx:yyy:zzz
link none none-a ENOENT; lacks none; lacks none-a
link none file ENOENT; holds file; lacks none
link file full/a EEXIST; holds file; void full/a
open file-new wc text; link file file-new EEXIST; link file-new file EEXIST; holds file-new text; holds file
link file file EEXIST; holds file; link none none ENOENT
open file-new wc text; link file-new file-new EEXIST; holds file-new text
unlink file; link file none ENOENT; lacks file; lacks none
rename file none; link file none-a ENOENT; link none file; holds file; holds none; lacks none-a; same file none
"""),
    "hard-link-sym": lines("""
link link none; holds none; readlink none ../a/file#; same link none; links link 2
link broken none-a; readlink none-a none#; lacks broken; lacks none-a
link none link ENOENT; holds link; lacks none
link link full/a EEXIST; holds link; void full/a
open file-new wc text; link link file-new EEXIST; link file-new link EEXIST; holds file-new text; holds link
link link link EEXIST; link link broken EEXIST; holds link; lacks broken
unlink link; link link none ENOENT; lacks link; lacks none; holds file
rename link none; link link none-a ENOENT; link none link; holds link; holds none; lacks none-a; same link none
"""),
    "hard-link-dir": lines("""
link empty nodir EPERM; list empty; lacks nodir; link full nodir EPERM
link file empty EEXIST; holds file; list empty
link full empty EEXIST; link full file EEXIST; link full full EEXIST; list full a pop; holds file
link full/pop full EEXIST; list full a pop
rmdir empty; link empty nodir ENOENT; lacks empty; lacks nodir
mkdir empty/new; rename empty/new nodir; link empty/new nodir-a ENOENT; link nodir empty/new EPERM; list nodir; list empty
"""),
    "unlink": lines("""
unlink file; lacks file; unlink file ENOENT; lacks file; open file wcx new; holds file new
holds link; unlink link; lacks link; holds file; unlink link ENOENT
holds links; unlink links; lacks links; holds link; unlink links ENOENT
unlink full EISDIR; list full a pop; unlink empty EISDIR; list empty
unlink full_link; lacks full_link; list full a pop; unlink full_link ENOENT
unlink full_links; lacks full_links; list full_link a pop; unlink full_links ENOENT
unlink none ENOENT; unlink none ENOENT; unlink nodir/a ENOENT; unlink file/a ENOTDIR
unlink broken; unlink broken ENOENT; lacks broken; open broken wc new; holds broken new; lacks none
"""),
    "impermissible": lines("""
as-other open roots wt EACCES; as-other open roots w EACCES; as-other holds roots; holds roots; open roots w shark
as-other open roots w EACCES; open roots w shark; as-other open roots w EACCES; as-other holds roots sharkyyy:zzz
as-other open roots wa EACCES; as-other holds roots; open roots wa shark; as-other holds roots :xxx:yyy:zzzshark
as-other truncate roots 4 EACCES; size roots 12; holds roots; truncate roots 4; as-other holds roots :xxx
as-other touch roots EACCES; as-other chmod roots EPERM; touch roots; holds roots; as-other touch roots EACCES
"""),
}
