# SPDX-License-Identifier: Apache-2.0
"""The cases of the union mount suite that rename; overlay_union_cases.py says how to read them."""
from overlay_union_cases import lines

RING, ROUNDS = 7, 4.5  # names that files go round, and how often


def turned(name, size=RING, backwards=True, rounds=ROUNDS):
    """Steps that move every name of a ring to its neighbour's place, through one gap; and which number is where at the end."""
    places, steps, gap = [*range(size - 1), None], [], size - 1
    for _ in range(int(size * rounds)):
        other = (gap + (-1 if backwards else 1)) % size
        steps.append(f"rename {name}:{other} {name}:{gap}")
        places[gap], places[other], gap = places[other], None, other
    return steps, places


def shifted(name, count, rounds):
    """Steps that move a row of names on by one, the last one first."""
    return [f"rename {name}:{number + turn} {name}:{number + turn + 1}"
            for turn in range(rounds) for number in reversed(range(count))]


def ended(places, check, gone):
    """A step for each place of a ring, by what is there."""
    return [gone.format(place=place) if number is None else check.format(place=place, number=number)
            for place, number in enumerate(places)]


def one(*parts):
    return ["; ".join(step for part in parts for step in part)]


def ring_of(name, check, remove):
    """The first step puts one file of the layer over another."""
    steps, places = turned(name)
    return one(steps, ended(places, check, f"lacks {name}:{{place}}"),
               ended(places, remove, f"unlink {name}:{{place}} ENOENT"))


def new_directories(fill):
    """Directories that the upper layer alone has."""
    made = [f"mkdir nodir:{number}" for number in range(RING - 1)]
    text = [f"open nodir:{number}/a wc text{number}" for number in range(RING - 1)] if fill else []
    steps, places = turned("nodir")
    check = "holds nodir:{place}/a text{number}; rmtree nodir:{place}" if fill else "rmdir nodir:{place}"
    return one(made, text, steps, ended(places, check, "rmdir nodir:{place} ENOENT"))


def linked_ring():
    """Files by their first names one way around, by their second the other."""
    made = [f"link file:{number} none:{number}" for number in range(RING - 1)]
    first, at_first = turned("file", backwards=False)
    second, at_second = turned("none")
    same = [f"same file:{at_first.index(number)} none:{at_second.index(number)}" for number in range(RING - 1)]
    gone = ended(at_second, "unlink none:{place}", "unlink none:{place} ENOENT")
    return one(made, second, first, same, gone, ended(at_first, "links file:{place} 1", "lacks file:{place}"))


MASS = {
    "rename-mass": one(shifted("file", 4, 3), [f"holds file:{number}; unlink file:{number}" for number in range(3, 7)],
                       [f"lacks file:{number}" for number in range(3)]),
    "rename-mass-2": one([f"open none:{number} wc text{number}" for number in range(4)], shifted("none", 4, 3),
                         [f"holds none:{number + 3} text{number}; unlink none:{number + 3}" for number in range(4)]),
    "rename-mass-3": ring_of("file", "holds file:{place}", "unlink file:{place}"),
    "rename-mass-4": one([f"link file:{number} none:{number}" for number in range(RING - 1)], turned("none")[0],
                         [f"holds file:{number}" for number in range(RING)],
                         ended(turned("none")[1], "same none:{place} file:{number}; unlink none:{place}",
                               "unlink none:{place} ENOENT")),
    "rename-mass-5": linked_ring(),
    "rename-mass-sym": ring_of("link", "readlink link:{place} ../a/file#{number}; holds link:{place}", "unlink link:{place}")
                       + ring_of("full_link", "readlink full_link:{place} ../a/full#{number}; list full_link:{place} a pop",
                                 "rmdir full_link:{place} ENOTDIR; unlink full_link:{place}"),
    "rename-mass-dir": new_directories(False) + new_directories(True),
}


def of_directory(old, made, kept):
    """What is asked of an empty, a full, a new and a new full directory alike: `made` makes it, `kept` looks into it."""
    full = "pop" in kept or "/a" in kept
    removed = f"rmdir {old} ENOTEMPTY; {{see}}" if full else f"rmdir {old}; rmdir {old} ENOENT; lacks {old}"
    there = f"{kept.format(old)}; lacks nodir"
    back = f"rename nodir {old}; rename nodir {old} ENOENT"
    return [made + line for line in (
        f"rename {old} nodir; rename {old} nodir ENOENT; {kept.format('nodir')}; {back}; {there}",
        f"rename {old} nodir; rmdir {old} ENOENT; {back}; {removed.format(see=there)}",
        f"rename {old} nodir; unlink {old} ENOENT; {back}; {there}; unlink {old} EISDIR; {there}",
        f"unlink {old} EISDIR; rename {old} nodir; unlink {old} ENOENT; {'rmtree' if full else 'rmdir'} nodir; lacks nodir",
        f"rename {old} nodir; rename nodir nodirx; rename nodir nodirx ENOENT; {kept.format('nodirx')}; lacks nodir; lacks {old}",
        f"rename {old} {old}; {kept.format(old)}",
        f"rename {old} file ENOTDIR; rename {old} full:1/a ENOTDIR; {kept.format(old)}; holds file",
        f"rename {old} . ENOTEMPTY; {kept.format(old)}",
        f"rename {old} {old}/in EINVAL; rename {old} nodir/in ENOENT; {kept.format(old)}",
        f"rename {old} full:1 ENOTEMPTY; {kept.format(old)}; list full:1 a pop",
        f"rename {old} empty:1; lacks {old}; {kept.format('empty:1')}")]


FULL_KEPT, NEW_KEPT = "list {0} a pop; holds {0}/pop/b :aaa:bbb:ccc", "list {0} a; holds {0}/a text"
OVER_REMOVED = lines("""
mkdir full-new; open full-new/a wc text; rmdir full/pop/c; rename full-new full/pop/c; holds full/pop/c/a text
mkdir full-new; open full-new/a wc text; rmtree full/pop; rename full-new full/pop; list full/pop a; holds full/pop/a text
mkdir full-new; open full-new/b wc text; rmtree full/pop; rename full-new full/pop; lacks full-new; holds full/pop/b text
mkdir full-new; mkdir full-new/pop; open full-new/pop/x wc text; rmtree full; rename full-new full; list full/pop x
mkdir full-new; mkdir full-new/pop; open full-new/pop/b wc text; rmtree full; rename full-new full; holds full/pop/b text
mkdir full-new; mkdir full-new/pop; rename full-new full ENOTEMPTY; unlink full EISDIR; holds full/pop/b :aaa:bbb:ccc
""")

RENAMES = MASS | {
    "rename-file": lines("""
rename file none; rename file none ENOENT; rename none file; rename none file ENOENT; holds file; lacks none
rename file none; unlink file ENOENT; rename none file; holds file; unlink file; unlink file ENOENT; lacks file
rename file none; rmdir file ENOENT; rename none file; rmdir file ENOTDIR; holds file; lacks none
unlink file; rename file none ENOENT; unlink file ENOENT; unlink none ENOENT
rmdir file ENOTDIR; rename file none; rmdir file ENOENT; unlink none; lacks none
rename file none; rename none none-x; rename none none-x ENOENT; lacks file; lacks none; holds none-x
rename file full/a; rename file full/a ENOENT; lacks file; holds full/a
rename file file; holds file; rename file empty EISDIR; rename file full EISDIR; holds file
rename file . ENOTEMPTY; rename file nodir/x ENOENT; rename file file:1/x ENOTDIR; holds file
rename link none; readlink none ../a/file#; holds none; lacks link; rename broken none; readlink none none#
"""),
    "rename-hard-link": lines("""
link file none; rename none none-a; rename none-a none; rename file file-a; lacks file; holds none; same none file-a
link file none; rename file none; holds file; holds none; links file 2; unlink none; holds file; links file 1
"""),
    "rename-empty-dir": of_directory("empty", "", "list {0}"),
    "rename-new-dir": of_directory("empty-new", "mkdir empty-new; ", "list {0}"),
    "rename-pop-dir": of_directory("full", "", FULL_KEPT),
    "rename-new-pop-dir": of_directory("full-new", "mkdir full-new; open full-new/a wc text; ", NEW_KEPT) + OVER_REMOVED,
    "rename-dir": lines("""
rename full empty/x; rename full empty/x ENOENT; list empty/x a pop; lacks full; void empty/x/a
rename full/pop empty/pop; rename full/pop empty/pop ENOENT; list empty/pop b c; lacks full/pop; holds empty/pop/b :aaa:bbb:ccc
"""),
    "rename-move-dir": lines("""
rename empty full/empty; rename empty full/empty ENOENT; list full/empty; lacks empty
rename full empty/in; rename full empty/in ENOENT; list empty/in a pop; lacks full; void empty/in/a
rename full fullx; rename fullx empty/in; rename fullx empty/in ENOENT; lacks full; lacks fullx; void empty/in/a
rename full empty/in; rename empty/in empty/inx; rename empty/in empty/inx ENOENT; lacks full; void empty/inx/a
rename full empty/in; rename empty/in/pop empty/pop; lacks empty/in/pop; list empty/in a; holds empty/pop/b :aaa:bbb:ccc
rename full/pop full/popx; rename full fullx; rename fullx empty/in; lacks empty/in/pop; holds empty/in/popx/b :aaa:bbb:ccc
rename full/pop full/popx; rename full fullx; rename fullx/popx empty/popx; list fullx a; holds empty/popx/b :aaa:bbb:ccc
mkdir empty-new; rename empty-new empty/new; lacks empty-new; list empty new
mkdir empty/new; rename empty/new nodir; list nodir; list empty
mkdir empty/up; mkdir empty/up/new; rename empty/up/new nodir; list empty/up; list nodir
mkdir empty/up; mkdir empty/up/new; rename empty/up nodir; lacks empty/up; list nodir new; lacks empty/up/new
"""),
}

# With redirect_dir=off: a directory of a lower layer stays where it is.
STAYING = {"rename-exdev": lines("""
rename empty nodir EXDEV; lacks nodir; list empty
rename empty full/empty EXDEV; lacks full/empty; list empty
rename full nodir EXDEV; lacks nodir; list full a pop; void full/a; lacks nodir/a
rename full empty/in EXDEV; lacks empty/in; list full a pop; mkdir nodir; rename nodir empty/in; list empty in
""")}
