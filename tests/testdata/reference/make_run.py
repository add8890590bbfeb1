#!/usr/bin/env python3
"""Prints trials.csv, which lies beside this file, as the JSON that transformer_bench would have written of its trials."""

import csv
import itertools
import json
import pathlib

CONTEXT = {
    "date": "2025-01-01T00:00:00+00:00",
    "executable": "transformer_bench",
    "library_build_type": "release",
    "tbench_version": "reference",
    "device": "cuda",
    "seed": "0",
}


def case_name(row):
    direction = "forward" if row["forward_only"] == "True" else "forward_backward"
    return (
        f"transformer_step/model:{row['model_size']}/context:{row['context_length']}/pass:{direction}/precision:fp32/"
        f"attention:naive/kernels:composed/launch:eager/batch:{row['batch_size']}/warmups:{row['num_warmups']}"
    )


def config(row):
    keys = {"vocab": "vocab_size", "d_model": "d_model", "d_ff": "d_ff", "layers": "num_layers", "heads": "num_heads"}
    return ",".join(f"{key}:{row[column]}" for key, column in keys.items())


def main():
    with open(pathlib.Path(__file__).with_name("trials.csv"), newline="") as file:
        trials = list(csv.DictReader(file))
    context = CONTEXT | {f"model.{row['model_size']}": config(row) for row in trials}
    lines = []
    for family, (name, group) in enumerate(itertools.groupby(trials, case_name)):
        group = list(group)
        full = f"{name}/iterations:1/repeats:{len(group)}/manual_time"
        for index, row in enumerate(group):
            microseconds = float(row["time_ms"]) * 1000
            assert microseconds / 1000 == float(row["time_ms"]), "the conversion must lose nothing"
            lines.append(
                json.dumps(
                    {
                        "name": full,
                        "family_index": family,
                        "per_family_instance_index": 0,
                        "run_name": full,
                        "run_type": "iteration",
                        "repetitions": len(group),
                        "repetition_index": index,
                        "threads": 1,
                        "iterations": 1,
                        "real_time": microseconds,
                        "cpu_time": microseconds,
                        "time_unit": "us",
                    }
                )
            )
    print('{"context": ' + json.dumps(context) + ',\n"benchmarks": [\n' + ",\n".join(lines) + "\n]}")


if __name__ == "__main__":
    main()
