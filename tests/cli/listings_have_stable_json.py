# SPDX-License-Identifier: Apache-2.0
# run: plain
# timeout: 120
"""Whatever lists something prints it with --json too, and its members are those of this table and of wolffia(1): no
more, no less, and of these types. Who changes one of them changes it for scripts that read it."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import ContainerTest, main, run  # noqa: E402

RUN, IMAGE, TOP = os.environ["WOLFFIA"], os.environ["WOLFFIA_IMAGE"], os.environ["TOP"]

CONTAINER = """
id          string
name        string
image       string
imageId     string
directory   string
command     array of string
created     string
status      string
pid         number
exitCode    number or null
oomKilled   boolean
restarts    number
detached    boolean
labels      object of string
"""

TABLE = {
    "ps": CONTAINER,
    "inspect": CONTAINER + """
cwd         string
words       array of string
updated     array of string
stateRoot   string
path        string
finished    string
error       string
networkRestarts  number
networkError     string
""",
    "images": """
reference   string
id          string
created     string
size        number or null
""",
    "history": """
created     string
createdBy   string
comment     string
emptyLayer  boolean
""",
    "top": """
user            string
uid             number
pid             number
ppid            number
hostPid         number
cpuPercent      number
elapsedSeconds  number
tty             string
cpuSeconds      number
command         array of string
""",
    "stats": """
id                string
name              string
cpuPercent        number
cpuMilliseconds   number
memoryBytes       number
memorySource      string
memoryLimitBytes  number or null
netReceivedBytes  number or null
netSentBytes      number or null
blockReadBytes    number or null
blockWrittenBytes number or null
pids              number
pidsLimit         number or null
""",
    "diff": """
change      string
path        string
""",
    "explain": """
kind        string
what        string
reason      string
""",
    "doctor": """
schema      number
version     string
canRun      boolean
works       object
store       object
findings    array of object
checked     array of string
""",
}

# Where not every type can be had on one machine: null needs a kernel that hides something, or other ids.
UNSEEN = {("images", "size", "null"), ("stats", "memoryLimitBytes", "number"), ("stats", "pidsLimit", "number"),
          ("stats", "blockReadBytes", "null"), ("stats", "blockWrittenBytes", "null"),
          ("stats", "blockReadBytes", "number"), ("stats", "blockWrittenBytes", "number"),
          ("doctor", "findings", "array of object")}


def table(listing):
    return {row.split(None, 1)[0]: row.split(None, 1)[1].strip() for row in TABLE[listing].strip().splitlines() if row}


def type_of(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    inner = {type_of(one) for one in (value.values() if isinstance(value, dict) else value)}
    kind = "object" if isinstance(value, dict) else "array"
    return f"{kind} of {inner.pop().split()[0]}" if len(inner) == 1 else kind


class Listings(ContainerTest):
    @classmethod
    def setUpClass(cls):
        tmp = os.environ["TMP"]
        os.environ["WOLFFIA_STORE"] = tmp + "/store"
        subprocess.run([TOP + "/tests/support/make-image", tmp + "/layout", os.environ["BUNDLE"] + "/rootfs", "{}",
                        '[{"created": "2026-01-01T00:00:00Z", "created_by": "COPY", "comment": "all"}]'], check=True)
        subprocess.run([IMAGE, "pull", "--quiet", "--name", "localhost/test:latest", f"oci:{tmp}/layout"], check=True,
                       stdout=subprocess.DEVNULL)
        for words in (["run", "--name", "ended", "--label", "tier=front", "test", "touch", "/new"],
                      ["run", "-d", "--name", "box", "test", "sleep", "1000"],
                      ["run", "-d", "--net", "host", "--name", "net", "test", "sleep", "1000"]):
            done = run([RUN, *words])
            assert done.status == 0, done
        assert run([RUN, "update", "--memory", "64m", "ended"]).status == 0
        cls.addClassCleanup(run, [RUN, "rm", "-f", "ended", "box", "net"])

    def check(self, listing, *samples):
        """Each sample is a command line; an array's elements, or the object itself, have the members of the table."""
        expected, seen = table(listing), {}
        for words in samples:
            done = run([RUN, *words])
            self.assertIn(done.status, (0, 1) if listing == "doctor" else (0,), done)
            printed = json.loads(done.out)
            objects = printed if isinstance(printed, list) else [printed]
            self.assertTrue(objects, words)
            for one in objects:
                self.assertEqual(list(one), list(expected), f"the members, in this order, of {words}")
                for member, value in one.items():
                    seen.setdefault(member, set()).add(type_of(value))
        for member, types in expected.items():
            allowed = set(types.split(" or "))
            empty = {"array", "object"} if types.startswith(("array", "object")) else set()
            self.assertLessEqual(seen[member], allowed | empty | {types + " of string", types + " of array"}, member)
            unseen = {kind for kind in allowed - seen[member] if (listing, member, kind) not in UNSEEN}
            if not types == "object":
                self.assertEqual(unseen, set(), f"{listing} {member}: a type that never comes")

    def test_ps(self):
        self.check("ps", ["ps", "-a", "--json"])

    def test_inspect(self):
        self.check("inspect", ["inspect", "box"], ["inspect", "ended"])

    def test_images(self):
        self.check("images", ["images", "--json"])

    def test_history(self):
        self.check("history", ["history", "--json", "test"])

    def test_top(self):
        self.check("top", ["top", "--json", "box"])

    def test_stats(self):
        self.check("stats", ["stats", "--json"], ["stats", "--json", "box"], ["stats", "--no-stream", "--json", "net"])

    def test_diff(self):
        self.check("diff", ["diff", "--json", "ended"])

    def test_explain(self):
        self.check("explain", ["explain", "--json", "box"])

    def test_doctor(self):
        self.check("doctor", ["doctor", "--json"])

    def test_nothing_listed_is_an_empty_array(self):
        for words in (["ps", "--json", "--filter", "label=none"], ["diff", "--json", "box"]):
            self.assertEqual(json.loads(run([RUN, *words]).out), [], words)

    def test_the_man_page_has_the_same_table(self):
        with open(TOP + "/packaging/man/wolffia.1", encoding="utf-8") as file:
            page = file.read().replace("\\-", "-")
        section = page[page.index(".SH JSON"):page.index(".SH EXIT STATUS")]
        rows = [" ".join(line.split()) for line in re.findall(r"\.nf\n(.*?)\.fi", section, re.S)[0].splitlines()]
        expected = [f"{listing} {member} {types}" for listing in TABLE for member, types in table(listing).items()]
        self.assertEqual(rows, expected)

    def test_every_command_with_the_option_is_in_the_table(self):
        help_text = run([RUN, "--help"]).out
        commands = re.findall(r"^  ([a-z]+) ", help_text[help_text.index("Commands:"):], re.M)
        listings = [name for name in commands if re.search(r"--json\b", run([RUN, name, "--help"]).out)]
        self.assertEqual(sorted(listings), sorted(set(TABLE) - {"inspect"}))


if __name__ == "__main__":
    main()
