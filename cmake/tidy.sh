#!/usr/bin/env bash
# clang-tidy on the sources that need no LibTorch, as the asan build compiles them.
set -euo pipefail
cd "$(dirname "$0")/.."

python3 -c '
import json
for entry in json.load(open("build-asan/compile_commands.json")):
    print(entry["file"])
' | grep -v '/tests/\|/build-asan/' | sort -u | xargs -P 2 -n 1 clang-tidy --quiet --warnings-as-errors='*' -p build-asan
