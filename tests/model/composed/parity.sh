#!/usr/bin/env bash
# One comparison of the C++ step with the reference: parity.sh DUMP_PROGRAM PYTHON PRECISION ATTENTION cpu|cuda
set -euo pipefail
if [[ $5 == cuda ]] && ! nvidia-smi >/dev/null 2>&1; then
  echo 'SKIPPED: needs a GPU that CUDA sees'
  exit 77
fi
file=$(mktemp)
trap 'rm -f "$file"' EXIT
export OMP_NUM_THREADS=1
"$1" "$file" "$3" "$4" "$5"
"$2" "$(dirname "$0")/parity_test.py" "$file" "$3" "$4" --device "$5"
