#!/usr/bin/env python3
"""Holds every #include to the order of the layers: a folder includes only itself and what stands above it here.

layers_test.py ROOT           the test
layers_test.py ROOT --graph   the folders, and how many includes lead from one to another
"""

import collections
import pathlib
import re
import sys
import unittest

# Lowest first. CONTRIBUTING.md explains them.
LAYERS = [
    "model/support",
    "model/spec",
    "benchmarks/names",
    "model/kernels",
    "model/kernels/hopper",
    "model/composed",
    "model/fused",
    "analysis/statistics",
    "analysis/read",
    "analysis/tables",
    "analysis/verdicts",
    "analysis/charts",
    "analysis/report",
    "analysis/gate",
    "benchmarks/harness",
    "benchmarks/torch",
    "benchmarks/sweep",
    "analysis",  # the programs' mains
    "benchmarks",
]
# These know neither LibTorch nor CUDA, so that they build in seconds and on any machine.
PLAIN = [layer for layer in LAYERS if layer.split("/")[0] != "model" and layer != "benchmarks/torch"] + [
    "model/support",
    "model/spec",
]
TORCH = re.compile(r"(ATen|c10|torch|cuda|cublas|nvml)[./_]?")
# What LibTorch-free layers may not know of each other: the sweep starts the benchmark program, and never links it; the
# reports read what the harness wrote, and never run it.
STRANGERS = {
    ("benchmarks/sweep", "benchmarks/harness"),
    ("benchmarks/sweep", "benchmarks/torch"),
    ("benchmarks/harness", "analysis"),
    ("benchmarks/torch", "analysis"),
}

root = pathlib.Path(sys.argv[1])


def includes():
    """(file, included file), relative to the root, of the project's own sources."""
    for folder in ("model", "benchmarks", "analysis"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp", ".cu", ".cuh", ".in"):
                continue
            for included in re.findall(r'^#include ["<]([^">]+)[">]', path.read_text(), re.MULTILINE):
                yield path.relative_to(root).as_posix(), included


def layer_of(file):
    return file.rsplit("/", 1)[0]


def is_project_file(included):
    return included.split("/")[0] in ("model", "benchmarks", "analysis")


class Layers(unittest.TestCase):
    def test_every_folder_is_a_layer(self):
        self.assertEqual({layer_of(file) for file, _ in includes()}, set(LAYERS))

    def test_no_include_leads_upwards(self):
        wrong = [
            f"{file} includes {included}, a higher layer"
            for file, included in includes()
            if is_project_file(included) and LAYERS.index(layer_of(included)) > LAYERS.index(layer_of(file))
        ]
        self.assertEqual(wrong, [])

    def test_plain_layers_know_neither_libtorch_nor_cuda(self):
        wrong = [
            f"{file} includes <{included}>"
            for file, included in includes()
            if layer_of(file) in PLAIN and not is_project_file(included) and TORCH.match(included)
        ]
        wrong += [
            f"{file} includes {included}"
            for file, included in includes()
            if layer_of(file) in PLAIN
            and file != "benchmarks/transformer_bench.cpp"
            and is_project_file(included)
            and layer_of(included) not in PLAIN
        ]
        self.assertEqual(wrong, [])

    def test_strangers(self):
        wrong = [
            f"{file} includes {included}"
            for file, included in includes()
            for one, other in STRANGERS
            if layer_of(file) == one and included.startswith(other + "/")
        ]
        self.assertEqual(wrong, [])

    def test_one_file_knows_what_parses_command_lines(self):
        self.assertEqual(
            {file for file, included in includes() if included.startswith("CLI/")}, {"model/support/program.cpp"}
        )


def print_graph():
    arrows = collections.Counter(
        (layer_of(file), layer_of(included))
        for file, included in includes()
        if is_project_file(included) and layer_of(file) != layer_of(included)
    )
    for (one, other), count in sorted(arrows.items()):
        print(f"{one} -> {other}: {count}")
    print(f"{len(LAYERS)} layers, {len(arrows)} arrows, {sum(arrows.values())} includes")


if __name__ == "__main__":
    if "--graph" in sys.argv:
        print_graph()
    else:
        unittest.main(argv=sys.argv[:1], verbosity=2)
