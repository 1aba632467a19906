# SPDX-License-Identifier: Apache-2.0
"""Turns samples into the tables that the comparisons print."""
import json
import os
import platform
import statistics
import subprocess


def first_line(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().split("\n")[0]  # charliecloud's goes to standard error


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


def shown(value, digits):
    return "" if value is None else f"{value:.{digits}f}"


class Result:
    def __init__(self, versions, refused, baseline):
        """`versions` is {program: its version}; ratios are those to the program `baseline`."""
        self.machine = machine()
        self.baseline = baseline
        self.refused = refused
        self.versions = versions
        self.about = []  # further lines
        self.rows = []
        self.costs = []
        self.bars = []

    def add(self, scenario, samples, baseline=None):
        """One row a program; a sample is [nanoseconds, CPU nanoseconds, peak KiB]."""
        columns = {name: list(zip(*taken)) for name, taken in samples.items()}
        medians = {name: [statistics.median(wall), statistics.median(cpu)] for name, (wall, cpu, _) in columns.items()}
        base = medians.get(baseline or self.baseline)
        for name, (wall, cpu, peak) in columns.items():
            ratios = [mine / theirs if base and theirs else None for mine, theirs in zip(medians[name], base or (0, 0))]
            self.rows.append({
                "scenario": scenario,
                "program": name,
                "median_us": round(medians[name][0] / 1000, 1),
                "min_us": round(min(wall) / 1000, 1),
                "ratio": ratios[0] and round(ratios[0], 3),
                "cpu_us": round(statistics.median(cpu) / 1000, 1),
                "cpu_ratio": ratios[1] and round(ratios[1], 3),
                "peak_kib": max(peak),
                "samples": len(wall),
            })

    def row(self, scenario, program):
        """The row, or None where that program was left out."""
        return next((row for row in self.rows if row["scenario"] == scenario and row["program"] == program), None)

    def ratio(self, scenario, program, base, what="median_us"):
        """How `program` compares with `base` within one scenario, or None."""
        mine, theirs = self.row(scenario, program), self.row(scenario, base)
        return mine[what] / theirs[what] if mine and theirs and theirs[what] else None

    def bar(self, figure, to_reach, reached, digits=2):
        """A line of what was to be reached; `reached` may be None: not measured."""
        self.bars.append({"figure": figure, "to_reach": to_reach, "digits": digits,
                          "reached": reached if reached is None else round(reached, 4)})

    def footprint(self, memories, calls):
        """Memory is empty where only root could read it."""
        for name, count in calls.items():
            private, proportional = memories.get(name, (None, None))
            self.costs.append({"program": name, "system_calls": count, "private_kib": private,
                               "pss_kib": proportional})

    def json(self):
        return json.dumps({"machine": self.machine, "about": self.about, "versions": self.versions,
                           "refused": self.refused, "rows": self.rows, "costs": self.costs, "bars": self.bars}, indent=2)

    def header(self):
        lines = [f"{key}: {value}" for key, value in self.machine.items()]
        lines += [f"{name}: {version}" for name, version in self.versions.items()]
        lines += self.about
        lines += [f"{name} refused this host: {why}" for name, why in self.refused.items()]
        return lines

    COST_COLUMNS = ("", "program", "system calls until exec", "private KiB in foreground", "PSS KiB")
    BAR_COLUMNS = ("", "figure", "to reach", "reached")

    def cells(self):
        yield ("scenario", "program", "median ms", "min ms", f"ratio to {self.baseline}", "CPU ms", "CPU ratio",
               "peak MiB", "samples")
        previous = None
        for row in self.rows:
            scenario = row["scenario"] if row["scenario"] != previous else ""
            previous = row["scenario"]
            yield (scenario, row["program"], f"{row['median_us'] / 1000:.2f}", f"{row['min_us'] / 1000:.2f}",
                   shown(row["ratio"], 3), f"{row['cpu_us'] / 1000:.2f}", shown(row["cpu_ratio"], 3),
                   f"{row['peak_kib'] / 1024:.1f}", str(row["samples"]))

    def cost_cells(self):
        yield self.COST_COLUMNS
        for row in self.costs:
            numbers = (row["system_calls"], row["private_kib"], row["pss_kib"])
            yield ("", row["program"], *("" if number is None else str(number) for number in numbers))

    def bar_cells(self):
        yield self.BAR_COLUMNS
        for row in self.bars:
            reached = shown(row["reached"], row["digits"]) or "not measured"
            yield ("", row["figure"], f"{row['to_reach']:.{row['digits']}f}", reached)

    def tables(self):
        tables = [list(self.cells())]
        tables += [list(self.cost_cells())] if self.costs else []
        return tables + ([list(self.bar_cells())] if self.bars else [])

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

    def show(self, chosen):
        """As --json or --markdown have it; else text."""
        print(self.json() if chosen.json else self.markdown() if chosen.markdown else self.text())
