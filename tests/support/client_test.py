# SPDX-License-Identifier: Apache-2.0
"""What the tests in tests/clients share. Each test is a line of CLIENTS.md: its name says what is looked at, the first
line of its docstring is the command. WOLFFIA_CLIENTS names a directory for the report from which the file is written."""
import os
import subprocess
import sys
import unittest

import client_matrix
from harness import TMP, run

ROOTFS = os.path.join(os.environ["BUNDLE"], "rootfs")


class ClientTest(unittest.TestCase):
    """A test that calls one program with the same words in front."""

    client = ()
    patience = 60

    def call(self, *words, **options):
        return run([*self.client, *words], timeout=self.patience, **options)

    def ok(self, *words, **options):
        """What it wrote to its standard output; it must succeed."""
        done = self.call(*words, **options)
        self.assertEqual(done.status, 0, done)
        return done.out


def archive_of_rootfs(path):
    """The busybox root as an archive, of which an image is made from nothing."""
    subprocess.run(["tar", "-C", ROOTFS, "-cf", path, "."], check=True)
    return path


def pipe_with(text):
    """A pipe that holds a short text."""
    reads, writes = os.pipe()
    with open(writes, "w", encoding="utf-8") as file:
        file.write(text)
    return open(reads, encoding="utf-8")


def settings(name, text):
    """Writes one of Podman's files of settings for this user, who is the test's own."""
    place = os.path.join(os.environ["HOME"], ".config/containers", name)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "w", encoding="utf-8") as file:
        file.write(text)
    return place


def version(*words):
    """The first line of what a program says of its version."""
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n")[0]


def describe(test):
    """The line of a test: what, and the command."""
    return test._testMethodName.removeprefix("test_").replace("_", " "), (test._testMethodDoc or "").strip().split("\n")[0]


class Result(unittest.TextTestResult):
    """Remembers every test that ran, in the order of the table."""

    def __init__(self, *words, **options):
        super().__init__(*words, **options)
        self.rows = []

    def stopTest(self, test):
        super().stopTest(test)
        bad = [failed for failed, _ in self.failures + self.errors]
        skipped = [left for left, _ in self.skipped]
        self.rows.append((*describe(test), "fails" if test in bad else "not run" if test in skipped else "works"))


def main(client, *versions):
    """Runs the tests of the calling script, reports them, and fails where the table tells something else."""
    runner = unittest.TextTestRunner(verbosity=2, resultclass=Result)
    program = unittest.main(exit=False, module="__main__", testRunner=runner)
    result = program.result
    script = "clients/" + os.path.basename(sys.argv[0])
    report = client_matrix.report_of(script, client, "; ".join(version(*words) for words in versions), result.rows)
    if os.environ.get("WOLFFIA_CLIENTS"):
        client_matrix.save(os.environ["WOLFFIA_CLIENTS"], report)
    elif not sys.argv[1:] and (wrong := client_matrix.difference(report)):
        sys.exit(wrong)
    sys.exit(0 if result.wasSuccessful() else 1)


def scratch(name):
    path = os.path.join(TMP, name)
    os.makedirs(path, exist_ok=True)
    return path
