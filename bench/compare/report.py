# SPDX-License-Identifier: Apache-2.0
"""Turns samples into the table that bench/compare/startup prints."""
import json
import os
import platform
import statistics
import subprocess


def first_line(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip().split("\n")[0]


def machine():
    """The lines that say what was measured on."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = {line.split(":", 1)[1].strip() for line in file if line.startswith("model name")}
    return {
        "cpu": ", ".join(sorted(models)) or platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


class Result:
    def __init__(self, runtimes, refused, baseline):
        self.machine = machine()
        self.baseline = baseline
        self.refused = refused
        self.versions = {name: first_line([program, "--version"]) for name, program in runtimes.items()}
        self.versions["bubblewrap"] = first_line(["bwrap", "--version"])
        self.rows = []
        self.costs = []

    def add(self, scenario, samples):
        """One row a program; a sample is [nanoseconds, CPU nanoseconds, peak KiB]."""
        columns = {name: list(zip(*taken)) for name, taken in samples.items()}
        medians = {name: statistics.median(wall) for name, (wall, _, _) in columns.items()}
        for name, (wall, cpu, peak) in columns.items():
            base = medians.get(self.baseline)
            self.rows.append({
                "scenario": scenario,
                "program": name,
                "median_us": round(medians[name] / 1000, 1),
                "min_us": round(min(wall) / 1000, 1),
                "ratio": round(medians[name] / base, 3) if base else None,
                "cpu_us": round(statistics.median(cpu) / 1000, 1),
                "peak_kib": max(peak),
                "samples": len(wall),
            })

    def footprint(self, memories, calls):
        """Memory is empty where only root could read it."""
        for name, count in calls.items():
            private, proportional = memories.get(name, (None, None))
            self.costs.append({"program": name, "system_calls": count, "private_kib": private,
                               "pss_kib": proportional})

    def json(self):
        return json.dumps({"machine": self.machine, "versions": self.versions, "refused": self.refused,
                           "rows": self.rows, "costs": self.costs}, indent=2)

    def header(self):
        lines = [f"{key}: {value}" for key, value in self.machine.items()]
        lines += [f"{name}: {version}" for name, version in self.versions.items()]
        lines += [f"{name} refused this host: {why}" for name, why in self.refused.items()]
        return lines

    COLUMNS = ("scenario", "program", "median ms", "min ms", "ratio to crun", "CPU ms", "peak MiB", "samples")
    COST_COLUMNS = ("", "program", "system calls until exec", "private KiB in foreground", "PSS KiB")

    def cells(self):
        yield self.COLUMNS
        previous = None
        for row in self.rows:
            scenario = row["scenario"] if row["scenario"] != previous else ""
            previous = row["scenario"]
            ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
            yield (scenario, row["program"], f"{row['median_us'] / 1000:.2f}", f"{row['min_us'] / 1000:.2f}",
                   ratio, f"{row['cpu_us'] / 1000:.2f}", f"{row['peak_kib'] / 1024:.1f}",
                   str(row["samples"]))

    def cost_cells(self):
        yield self.COST_COLUMNS
        for row in self.costs:
            numbers = (row["system_calls"], row["private_kib"], row["pss_kib"])
            yield ("", row["program"], *("" if number is None else str(number) for number in numbers))

    def tables(self):
        return [list(self.cells())] + ([list(self.cost_cells())] if self.costs else [])

    def markdown(self):
        lines = [f"- {line}" for line in self.header()]
        for header, *rows in self.tables():
            lines += ["", "| " + " | ".join(header) + " |", "|---|---|" + "--:|" * (len(header) - 2)]
            lines += ["| " + " | ".join(cells) + " |" for cells in rows]
        return "\n".join(lines)

    def text(self):
        lines = self.header()
        for table in self.tables():
            lines.append("")
            widths = [max(map(len, column)) for column in zip(*table)]
            for row in table:
                cells = [cell.ljust(width) if i < 2 else cell.rjust(width)
                         for i, (cell, width) in enumerate(zip(row, widths))]
                lines.append("  ".join(cells).rstrip())
        return "\n".join(lines)
