#!/usr/bin/env bash
# Configures and builds: cmake/build.sh PRESET [TARGET…]. Quiet when all goes well; the log is in the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=$1
shift
build=build
[[ $preset == asan ]] && build=build-asan
mkdir -p "$build"
log=$build/build.log

echo "build: $preset${*:+, $*} (minutes the first time; log in $log)" >&2
if ! { cmake --preset "$preset" && cmake --build --preset "$preset" ${*:+--target "$@"}; } >"$log" 2>&1; then
  { grep -E -A 12 'error|Error|FAILED|fatal|not found' "$log" || cat "$log"; } | tail -n 60 >&2
  echo "build: failed; all of it is in $log" >&2
  exit 1
fi
