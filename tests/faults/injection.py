# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 7200
"""One system call goes wrong, or the process dies there: for every call of create, start, run, exec and delete.

Whatever happens: no hang, no crash, no container without its protection, and afterwards `delete --force` leaves
nothing. A tenth of the calls is tried in each run, which one depends on the commit; WOLFFIA_FULL=1 tries all.
"""
import collections
import concurrent.futures
import contextlib
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from facts import expectations, make_strict  # noqa: E402
from harness import FULL, OCI, SUPPORT, ContainerTest, main, processes_naming, run, wait_for  # noqa: E402

FAULTS = ["KILL", "ENOMEM", "EMFILE", "ENOSPC", "EPERM", "ENOSYS"]
WORKERS = 2
HANG = 10  # seconds
PARTS = 10
INJECT = os.path.join(SUPPORT, "inject")

# libc starts with brk() and does not live without; and until poll() has told that the standard streams are open,
# there is nowhere to say a word.
BRK, POLL = 12, 7

Site = collections.namedtuple("Site", "process call number")


def turn():
    """Which tenth: every commit tries another one, the same commit always the same."""
    if chosen := os.environ.get("WOLFFIA_FAULTS_TURN"):
        return int(chosen)
    found = re.search(r"commit: *([0-9a-f]+)", run([OCI, "--version"]).out)
    return int(found.group(1), 16) % PARTS if found else 0


def was_hit(text, number):
    return f"hit {number}" in text.splitlines()


class Injection(ContainerTest):
    """Each scenario is a pair: what has to be there, and the command that is disturbed."""

    def probing_bundle(self, container):
        bundle = self.bundle()
        make_strict(bundle.config)
        bundle.config["process"]["args"] = ["/probe", "security", *expectations(bundle.config, below="/proc,/sys"), "id=" + container]
        bundle.write()
        return bundle

    def prepare(self, container, *command, bundle):
        """An undisturbed step; the output of what it starts goes to the container's file."""
        with open(self.output(container), "ab") as out:
            words = [*self.oci_words(), *command]
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=4 * HANG, check=False)
        self.assertEqual(done.returncode, 0, self.text_of(container))
        return bundle

    def sleeping(self, container):
        bundle = self.bundle("/bin/sleep", "1000", container)
        make_strict(bundle.config)
        bundle.config["process"]["args"] = ["/bin/sh", "-c", "sleep 1000", container]
        bundle.write()
        return self.prepare(container, "run", "--detach", "--bundle", bundle.path, container, bundle=bundle)

    def scenario_create(self, container):
        bundle = self.probing_bundle(container)
        return ["create", "--bundle", bundle.path, container]

    def scenario_start(self, container):
        bundle = self.probing_bundle(container)
        self.prepare(container, "create", "--bundle", bundle.path, container, bundle=bundle)
        return ["start", container]

    def scenario_run(self, container):
        bundle = self.probing_bundle(container)
        return ["run", "--bundle", bundle.path, container]

    def scenario_exec(self, container):
        bundle = self.sleeping(container)
        return ["exec", container, "/probe", "security", *expectations(bundle.config, below="/proc,/sys"), "id=" + container]

    def scenario_delete(self, container):
        self.sleeping(container)
        return ["delete", "--force", container]

    # What is looked at afterwards.

    def output(self, container):
        return os.path.join(self.dir, container + ".out")

    def text_of(self, container):
        with open(self.output(container), encoding="utf-8", errors="replace") as file:
            return file.read()

    def disturbed(self, scenario, container, *orders, patience=4 * HANG):
        """Runs the scenario under the injector; returns its status, or None where it hangs."""
        command = getattr(self, "scenario_" + scenario)(container)
        with open(self.output(container), "ab") as out:
            words = [INJECT, *orders, "--", *self.oci_words(), *command]
            with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out) as process:
                try:
                    return process.wait(patience)
                except subprocess.TimeoutExpired:
                    process.kill()
                    return None

    def sites(self, scenario):
        """Every call of the scenario, as recorded from an undisturbed run."""
        container = self.new_id()
        self.assertEqual(self.disturbed(scenario, container, "record"), 0, self.text_of(container)[-2000:])
        found = [Site(*map(int, line.split())) for line in self.text_of(container).splitlines()
                 if re.fullmatch(r"\d+ \d+ \d+", line)]
        self.finish(container)
        return found

    def finish(self, container):
        """`delete --force` has to leave nothing, however the container got where it is; returns complaints."""
        done = self.oci("delete", "--force", container)
        complaints = [] if done.status == 0 else [f"delete --force: {done}"]
        complaints += self.left_in_state(container)
        # A starter that was killed has told nobody of its child, which sees the end of its channel and ends itself.
        wait_for(lambda: not processes_naming(container), seconds=3)
        for pid, text in processes_naming(container).items():
            complaints.append(f"still running: {text}")
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        return complaints

    def judge(self, scenario, fault, status, text):
        """What is wrong with how the disturbed command ended."""
        if status is None:
            return ["it hangs"]
        if fault != "KILL" and status >= 128 and was_hit(text, BRK):
            return []
        said = [line for line in text.splitlines() if not line.startswith(("hit ", "safe"))]
        complaints = [line for line in said if line.startswith("VIOLATION")]
        if fault != "KILL" and status >= 128 and status != 255:
            complaints.append(f"it crashed: status {status}")
        if fault != "KILL" and status != 0 and not said and not was_hit(text, POLL):
            complaints.append(f"status {status} without a word")
        if status == 0 and scenario in ("run", "exec") and "safe" not in text:
            complaints.append("status 0, but the program did not run")
        return complaints

    def try_one(self, scenario, site, fault):
        """Complaints about one disturbed run; None where the call was not reached.

        What takes too long gets a second chance with more time: on a busy machine not everything slow hangs.
        """
        for patience in (HANG, 4 * HANG):
            container = f"f{os.getpid()}-{scenario}-{site.process}-{site.call}-{fault}-{patience}"
            orders = (str(site.process), str(site.call), fault)
            status = self.disturbed(scenario, container, *orders, patience=patience)
            if status == 0 and scenario == "create":
                self.oci("start", container)
            complaints = self.finish(container)
            if status is not None:
                break
        text = self.text_of(container)
        if "hit " not in text:
            return complaints or None
        complaints += self.judge(scenario, fault, status, text)
        if complaints:
            complaints.append(f"status {status}, output: {text[-600:]}")
        return complaints

    def try_all(self, scenario):
        sites = self.sites(scenario)
        self.assertGreater(len(sites), 20, scenario)
        chosen = [(site, fault) for number, (site, fault) in enumerate((s, f) for s in sites for f in FAULTS)
                  if FULL or (number // len(FAULTS) + FAULTS.index(fault)) % PARTS == turn_of_this_run]
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            results = list(pool.map(lambda job: self.try_one(scenario, *job), chosen))
        reached = sum(result is not None for result in results)
        print(f"{scenario}: {len(sites)} calls, {len(chosen)} faults injected, {reached} of them reached")
        for (site, fault), complaints in zip(chosen, results):
            for complaint in complaints or []:
                print(f"{scenario} {site} {fault}: {complaint}")
        self.assertEqual(sum(bool(result) for result in results), 0, "see above")
        self.assertGreater(reached, len(chosen) * 3 // 4, "calls are not the same from run to run")

    def test_create(self):
        self.try_all("create")

    def test_start(self):
        self.try_all("start")

    def test_run(self):
        self.try_all("run")

    def test_exec(self):
        self.try_all("exec")

    def test_delete(self):
        self.try_all("delete")


if __name__ == "__main__":
    turn_of_this_run = turn()
    main()
