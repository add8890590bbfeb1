#!/bin/sh
# Lets a libFuzzer program run for some seconds: run.sh FUZZER DICTIONARY FOLDER SECONDS SEED_FOLDER…
# What it finds is left in FOLDER; so is its corpus, which the next run goes on with.
set -eu
fuzzer=$1 dictionary=$2 folder=$3 seconds=$4
shift 4
mkdir -p "$folder/corpus"
exec "$fuzzer" "$folder/corpus" "$@" -dict="$dictionary" -artifact_prefix="$folder/" -max_total_time="$seconds" \
  -timeout=10 -max_len=4096 -print_final_stats=1 -verbosity=0
