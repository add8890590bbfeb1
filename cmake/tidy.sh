#!/usr/bin/env bash
# clang-tidy on the sources that need no LibTorch, as a build of the preset check compiles them.
#
#   cmake/tidy.sh            all of them
#   cmake/tidy.sh REVISION   those that changed since then, and those that include what changed
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(cmake/build_folder.py check)
cmake/tidy_sources.py "$build" "$@" |
  # The compile commands are g++'s, with warnings that clang does not know.
  xargs -d '\n' --no-run-if-empty -P 2 -n 1 \
    clang-tidy --quiet --warnings-as-errors='*' --extra-arg=-Wno-unknown-warning-option -p "$build"
