# SPDX-License-Identifier: Apache-2.0
# run: full
# run: once
# timeout: 900
"""crun's own tests, of the version that Debian ships, with our program in crun's place."""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from conformance import (FAILED, HERE, MACHINE, OCI, PASSED, SKIPPED, TMP, Expectations, Outcome, chosen, fetch,  # noqa: E402
                         handed_on, judge, told)
from terminal import Terminal  # noqa: E402

PATIENCE = 600 if MACHINE else 120
SHORT_PATIENCE = 30 if MACHINE else 5  # for what is known to wait for ever

# What configure would have found out and tests/init.c asks for.
CONFIG = "#define HAVE_SECCOMP 1\n#define HAVE_ERROR_H 1\n"


def build_init(tests):
    """The program that the suite runs in its containers; it stays beside its source."""
    init = os.path.join(tests, "init")
    if not os.path.exists(init):
        with open(os.path.join(TMP, "config.h"), "w", encoding="ascii") as file:
            file.write(CONFIG)
        subprocess.run(["gcc", "-static", "-w", "-I", TMP, "-o", init + ".new", init + ".c", "-lseccomp"], check=True)
        os.rename(init + ".new", init)
    return init


def names_in(file):
    """The names in the table that every file of the suite ends with."""
    with open(file, encoding="utf-8") as text:
        table = re.search(r"^all_tests = \{(.*?)^\}", text.read(), re.M | re.S).group(1)
    return re.findall(r'^\s*"([^"]+)"', table, re.M)


def clean_up(status_directory):
    """Ends what a test left running that had to be stopped."""
    if os.path.isdir(status_directory):
        subprocess.run([OCI, "--root", status_directory, "delete", "--force", "--regex", ".*"], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run_piped(args, env, patience):
    with subprocess.Popen(args, cwd=TMP, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True) as process:
        try:
            return process.communicate(timeout=patience)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            clean_up(os.path.join(TMP, f".testsuite-run-{process.pid}", "root"))
            return process.communicate()[0] + f"\nnot ended after {patience} s"


def run_on_terminal(args, env, _):
    with Terminal(args, env=env) as terminal:
        return terminal.read_to_end()


def run_one(file, test, init, patience):
    name = f"{os.path.basename(file)[len('test_'):-len('.py')]}.{test}"
    env = {**os.environ, "OCI_RUNTIME": OCI, "INIT": init, "RUN_TESTS": test,
           "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.path.join(HERE, "stand_in")}
    # Those of a terminal skip themselves without one.
    run = run_on_terminal if file.endswith("/test_tty.py") else run_piped
    output = run(["/usr/bin/python3", file], env, patience(name))
    found = re.search(r"^(not )?ok 1 - \S+( #SKIP)?", output, re.M)
    result = FAILED if not found or found.group(1) else SKIPPED if found.group(2) else PASSED
    return Outcome(name, result, output)


def main():
    tests = os.path.join(handed_on("crun") if MACHINE else os.path.join(fetch("crun"), "source"), "tests")
    init = build_init(tests)
    if sys.argv[1:2] == ["prepare"]:
        shutil.copytree(tests, os.path.join(sys.argv[2], "tests"))
        return 0
    expectations = Expectations("crun")

    def patience(name):
        return SHORT_PATIENCE if expectations.hangs(name) else PATIENCE

    os.chdir(TMP)
    outcomes = [told(run_one(file, test, init, patience)) for file in sorted(glob.glob(tests + "/test_*.py"))
                for test in names_in(file) if chosen(f"{os.path.basename(file)[5:-3]}.{test}")]
    for directory in glob.glob(TMP + "/.testsuite-run-*"):
        shutil.rmtree(directory, ignore_errors=True)
    return judge("crun", outcomes)


sys.exit(main())
