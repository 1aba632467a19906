# SPDX-License-Identifier: Apache-2.0
"""What cannot be timed: memory of a runtime whose container runs, and system calls until its program runs."""
import os
import re
import subprocess
import threading
import time


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def rollup(pid):
    """Private and proportional KiB of a process; not dumpable means readable only by root."""
    fields = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
        for line in file:
            name, _, value = line.partition(":")
            if value.endswith("kB\n"):
                fields[name] = int(value.split()[0])
    return fields["Private_Clean"] + fields["Private_Dirty"], fields["Pss"]


def foreground_memory(place, program, bundle):
    """(private KiB, proportional KiB) of `program run` while its container sleeps."""
    pid_file = place.home + "/pid"
    command = place.as_user([program, "run", "--bundle", bundle, "--pid-file", pid_file, "bench-memory"])
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as running:
        try:
            deadline = time.monotonic() + 20
            while not (os.path.exists(pid_file) and os.path.getsize(pid_file)):
                if running.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("did not start: " + " ".join(command))
                time.sleep(0.01)
            with open(pid_file, encoding="utf-8") as file:
                runtime = parent_of(int(file.read()))
            time.sleep(0.3)  # it may still be freeing what starting took
            return rollup(runtime)
        finally:
            subprocess.run(place.as_user([program, "delete", "--force", "bench-memory"]), check=True)
            running.wait()
            os.unlink(pid_file)


CALL = re.compile(r"^\d+ +(\w+)\(")


def system_calls(place, command):
    """Calls of all processes up to and including the last execve: that of the container's program.

    Its name can't be looked for: strace does not see the memory of a process that is not dumpable.
    """
    trace = place.home + "/trace"
    subprocess.run(place.as_user(["strace", "-f", "-qq", "-o", trace, *command]), check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    count = until_exec = 0
    with open(trace, encoding="utf-8", errors="replace") as file:
        for line in file:
            call = CALL.match(line)
            if not call:  # the end of a call that was counted when it began
                continue
            count += 1
            if call.group(1) in ("execve", "execveat"):
                until_exec = count
    os.unlink(trace)
    return until_exec


def descendants(pid):
    """A process and all below it; those that end meanwhile are left out."""
    found, rest = [], [pid]
    while rest:
        one = rest.pop()
        found.append(one)
        try:
            for thread in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{thread}/children", encoding="ascii") as file:
                    rest += map(int, file.read().split())
        except OSError:
            continue
    return found


class Peak(threading.Thread):
    """Watches the processes of `names` below one: the most proportional KiB that they had together at any one time.

    Proportional, so that pages which a fork shares with its parent count once. What lies in pipes and in the page
    cache is the kernel's. Only root can read it of processes that are not dumpable.
    """

    def __init__(self, names):
        super().__init__(daemon=True)
        self.names, self.over = names, threading.Event()
        self.pid = self.kib = 0

    def watch(self, pid):
        self.pid = pid
        self.start()

    def memory(self, pid):
        """KiB; nothing for the wrappers around what is measured."""
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                return rollup(pid)[1] if file.read().strip() in self.names else 0
        except (OSError, KeyError):
            return 0  # it has just ended

    def run(self):
        while not self.over.wait(0.01):
            self.kib = max(self.kib, sum(self.memory(pid) for pid in descendants(self.pid)))

    def stop(self):
        self.over.set()
        self.join()
