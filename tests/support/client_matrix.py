# SPDX-License-Identifier: Apache-2.0
"""The table of tests/clients/CLIENTS.md: a section for each script that drives a client, a line for each thing it looks at.
Scripts report what they saw; the file is written of reports, and each run compares what it did with the file."""
import json
import os
import re

CLIENTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "clients/CLIENTS.md")
BEGIN = "<!-- Written by tests/clients/generate from here on. -->\n"
SECTION = re.compile(r"^## (?P<client>.*) \((?P<script>[^()]*)\)$", re.M)


def report_of(script, client, versions, rows):
    """What a script reports; `rows` are (what, command, result)."""
    return {"script": script, "client": client, "versions": versions, "rows": [list(row) for row in rows]}


def save(directory, report):
    with open(os.path.join(directory, report["script"].replace("/", ".") + ".json"), "w", encoding="utf-8") as file:
        json.dump(report, file)


def reports_in(directory):
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            yield json.load(file)


def from_machine(script, lines):
    """The report in what a script of tests/vm/suite printed: words between tabs, the first says what a line is."""
    client, versions, rows = None, "", []
    for line in lines:
        word, *fields = line.rstrip("\n").split("\t")
        if word == "client":
            client, versions = fields
        elif word == "row":
            rows.append(fields)
    return report_of(script, client, versions, rows) if client else None


def section(report):
    lines = [f"## {report['client']} ({report['script']})", "", report["versions"], "", "| what | command | result |", "|---|---|---|"]
    lines += [f"| {what} | `{command.replace('|', chr(92) + '|')}` | {result} |" for what, command, result in report["rows"]]
    return "\n".join(lines) + "\n"


def split(text):
    """The text before the sections, and the sections by script."""
    head, _, tables = text.partition(BEGIN)
    found = list(SECTION.finditer(tables))
    ends = [match.start() for match in found[1:]] + [len(tables)]
    return head + BEGIN, {match["script"]: tables[match.start():end].strip() + "\n" for match, end in zip(found, ends)}


def read():
    with open(CLIENTS, encoding="utf-8") as file:
        return split(file.read())


def write(reports):
    """Puts sections in the place of those of the same scripts; sections of scripts that are gone go."""
    head, sections = read()
    sections.update({report["script"]: section(report) for report in reports})
    top = os.path.dirname(os.path.dirname(CLIENTS))
    kept = [sections[script] for script in sorted(sections) if os.path.exists(os.path.join(top, script))]
    with open(CLIENTS, "w", encoding="utf-8") as file:
        file.write(head + "\n" + "\n".join(kept))


def rows_of(text):
    """What and command of each line of a section: what does not change with versions and machines."""
    return [line.rsplit("|", 2)[0] for line in text.splitlines() if line.startswith("| ")]


def difference(report):
    """Why the file is not true of a report; None where it is."""
    ran, written = rows_of(section(report)), rows_of(read()[1].get(report["script"], ""))
    if ran == written:
        return None
    changed = sorted(set(ran) ^ set(written)) or ["the order"]
    return "tests/clients/CLIENTS.md differs from what was run, write it with tests/clients/generate:\n" + "\n".join(changed)
