#!/usr/bin/env bash
# clang-tidy on the sources that need no LibTorch, as the asan build compiles them.
set -euo pipefail
cd "$(dirname "$0")/.."

python3 -c '
import json
for entry in json.load(open("build-asan/compile_commands.json")):
    print(entry["file"])
' | grep -v "^$PWD/\(tests\|build-asan\)/" | sort -u |
  # The compile commands are g++'s, with warnings that clang does not know.
  xargs -d '\n' -P 2 -n 1 clang-tidy --quiet --warnings-as-errors='*' --extra-arg=-Wno-unknown-warning-option -p build-asan
