# SPDX-License-Identifier: Apache-2.0
"""What the suites of others share: fetching them, and comparing what they say with the list of what is expected to fail."""
import collections
import os
import subprocess
import sys

TOP = os.environ["TOP"]
OCI = os.environ["WOLFFIA_OCI"]
TMP = os.environ["TMP"]
HERE = os.path.join(TOP, "tests", "conformance")
CACHE = os.path.join(os.path.dirname(OCI), "conformance")
MACHINE = os.environ.get("VM") == "1"  # in the machine of tests/vm, where nothing can be fetched or built

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"

# A test of somebody else's that has ended; `output` is for whoever has to look why.
Outcome = collections.namedtuple("Outcome", "name result output")


def fetch(source, *packages):
    """The directory with Debian's source of `source` as "source" and what `packages` hold; see tests/conformance/fetch."""
    directory = os.path.join(CACHE, source)
    subprocess.run([os.path.join(HERE, "fetch"), directory, source, *packages], check=True, stdout=sys.stderr)
    return directory


def handed_on(source):
    """Where the machine finds the suite that `NAME.py prepare` left for it."""
    return os.path.join(os.environ["VM_SHARE"], "suites", source)


def chosen(name):
    """Whether a test is to run: WOLFFIA_ONLY holds a part of the names of those that are."""
    return os.environ.get("WOLFFIA_ONLY", "") in name


def told(outcome):
    """The same, once it is printed: a suite takes long, and may be stopped in between."""
    print(f"{outcome.result} {outcome.name}", flush=True)
    return outcome


class Expectations:
    """A list of tests that fail: name, tab, why. Comments begin with "#"; `passes: N` says how many pass at least."""

    def __init__(self, suite):
        self.reasons, self.passes = {}, 0
        with open(os.path.join(HERE, suite + (".vm.txt" if MACHINE else ".txt")), encoding="utf-8") as lines:
            for line in lines:
                self.read(line.rstrip("\n"))

    def read(self, line):
        if line.startswith("passes: "):
            self.passes = int(line.split()[1])
        elif line and not line.startswith("#"):
            name, reason = line.split("\t")
            self.reasons[name] = reason

    def hangs(self, name):
        """Whether the test is known to wait for what never comes."""
        return self.reasons.get(name, "").startswith("waits for ever: ")

    def may_pass(self, name):
        """Whether what the test does not control decides it."""
        return self.reasons.get(name, "").startswith("either way: ")

    def complaints(self, outcomes):
        for outcome in outcomes:
            if outcome.result == FAILED and outcome.name not in self.reasons:
                yield f"{outcome.name} failed\n{outcome.output}"
            if outcome.result == PASSED and outcome.name in self.reasons and not self.may_pass(outcome.name):
                yield f"{outcome.name} passed, though the list says why it cannot: {self.reasons[outcome.name]}"
        if os.environ.get("WOLFFIA_ONLY"):
            return
        for name in sorted(self.reasons.keys() - {outcome.name for outcome in outcomes if outcome.result != SKIPPED}):
            yield f"{name} is in the list and did not run"
        passed = sum(outcome.result == PASSED for outcome in outcomes)
        if passed < self.passes:
            yield f"{passed} tests passed; at least {self.passes} did before"


def judge(suite, outcomes):
    """Prints the summary, and what is not as the suite's list says; returns the exit status."""
    complaints = list(Expectations(suite).complaints(outcomes))
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    counts = collections.Counter(outcome.result for outcome in outcomes)
    print(f"{suite}: {counts[PASSED]} passed, {counts[FAILED]} failed, {counts[SKIPPED]} skipped by the suite itself")
    return 1 if complaints or not outcomes else 0
