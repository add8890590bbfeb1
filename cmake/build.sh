#!/usr/bin/env bash
# Configures and builds: cmake/build.sh PRESET [-DNAME=VALUE…] [TARGET…]. Quiet when all goes well; the log is in the
# build folder.
set -euo pipefail
[[ ${TBENCH_PYTHON-} != */* ]] || TBENCH_PYTHON=$(realpath -ms -- "$TBENCH_PYTHON") # as the caller sees it
cd "$(dirname "$0")/.."

preset=$1
shift
settings=()
while [[ ${1-} == -D* ]]; do
  settings+=("$1")
  shift
done
build=$(cmake/build_folder.py "$preset")
mkdir -p "$build"
log=$build/build.log

targets=()
(($# == 0)) || targets=(--target "$@")
echo "build: $preset${*:+, $*} (minutes the first time; log in $log)" >&2
if ! { cmake --preset "$preset" "${settings[@]}" && cmake --build --preset "$preset" "${targets[@]}"; } >"$log" 2>&1; then
  { grep -E -A 12 'error|Error|FAILED|fatal|not found' "$log" || cat "$log"; } | tail -n 60 >&2
  echo "build: failed; all of it is in $log" >&2
  exit 1
fi
