#!/usr/bin/env python3
"""Prints the outputs of a Ninja build that took longest, by its log: slowest.py BUILD_FOLDER [COUNT]"""

import pathlib
import sys

folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10
seconds = {}  # a later line of the log replaces an earlier one of the same output
for line in (folder / ".ninja_log").read_text().splitlines():
    if line.startswith("#"):
        continue
    start, end, _, name, _ = line.split("\t")
    output = folder.resolve() / name
    if output.exists():
        seconds[output.relative_to(folder.resolve())] = (int(end) - int(start)) / 1000
print(f"{folder}: {len(seconds)} outputs, {sum(seconds.values()):.0f} s of work; the slowest:")
for output in sorted(seconds, key=seconds.get, reverse=True)[:count]:
    print(f"{seconds[output]:7.1f} s  {output}")
