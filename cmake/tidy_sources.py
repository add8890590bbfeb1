#!/usr/bin/env python3
"""Prints the sources that clang-tidy looks at, tests aside: tidy_sources.py BUILD_FOLDER [REVISION]

With a revision only those that differ from it, or include a file that does: Ninja knows what each object was made of, so
the folder must have been built.
"""

import json
import pathlib
import shlex
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
build = root / sys.argv[1]


def lines(*command):
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()


def made_of():
    """Object -> the files that it was made of."""
    files, last = {}, set()
    for line in lines("ninja", "-C", build, "-t", "deps"):
        if line.startswith("    "):
            last.add((build / line.strip()).resolve())
        elif ": #deps" in line:
            last = files[line.split(": #deps")[0]] = set()
    return files


objects = {}  # object -> source
for entry in json.loads((build / "compile_commands.json").read_text()):
    source = pathlib.Path(entry["file"])
    if not source.is_relative_to(root / "tests") and not source.is_relative_to(build):
        command = shlex.split(entry["command"])
        objects[command[command.index("-o") + 1]] = source

if len(sys.argv) > 2:
    # quotePath: names that are not ASCII as they are.
    diff = lines("git", "-c", "core.quotePath=off", "diff", "--name-only", sys.argv[2], "--")
    changed = {root / name for name in diff}
    if root / ".clang-tidy" not in changed:
        files = made_of()
        objects = {name: source for name, source in objects.items() if changed & (files.get(name, changed) | {source})}
for source in sorted(set(objects.values())):
    print(source)
