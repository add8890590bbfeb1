#!/usr/bin/env python3
"""Google Benchmark's compare.py reads our runs and prints its U test.

  compare_test.py TBENCH_SWEEP TRANSFORMER_BENCH
"""
import collections
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SWEEP, BENCH = sys.argv[1:3]
COMPARE = pathlib.Path("/usr/share/benchmark/compare.py")
OLD_RUNS = pathlib.Path(__file__).parent / "old_runs"


def sweep(folder, *flags):
    subprocess.run([SWEEP, "--binary", BENCH, *flags, "-o", folder], check=True, capture_output=True)
    return pathlib.Path(folder, "run.json")


def compared(before, after):
    """What compare.py has a U test of: name -> its line."""
    command = [sys.executable, COMPARE, "--no-color", "-a", "benchmarks", before, after]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line.split(None, 1) for line in printed.splitlines() if "_pvalue" in line]
    return [name.removesuffix("_pvalue") for name, _ in lines], [text for _, text in lines]


def benchmarks(run):
    """How often each benchmark was measured: name -> number of its first repetitions."""
    rows = json.loads(run.read_text())["benchmarks"]
    return collections.Counter(row["name"] for row in rows if row["run_type"] == "iteration" and row["repetition_index"] == 0)


class ComparePy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_finds_every_benchmark_of_two_runs_once(self):
        runs = [sweep(f"{self.folder}/{run}", "--models", "tiny", "--contexts", "16", "--warmups", "1", "--ceilings", "on")
                for run in ("before", "after")]
        names, lines = compared(*runs)
        self.assertEqual(benchmarks(runs[0]), collections.Counter(names))
        self.assertEqual(len(names), len(set(names)), "a name is of one measurement")
        self.assertTrue(any(name.startswith("transformer_step/model:tiny/context:16/pass:forward/") for name in names))
        self.assertTrue(any("/moment:end/" in name for name in names))
        for name, line in zip(names, lines):
            repetitions = 5 if name.startswith("ceiling/") else 10
            self.assertIn(f"U Test, Repetitions: {repetitions} vs {repetitions}", line)

    def test_finds_the_cases_of_an_old_run_in_a_new_one(self):
        new = sweep(f"{self.folder}/new", "--models", "tiny", "--contexts", "16", "--passes", "forward", "--warmups", "0,5")
        old = pathlib.Path(self.folder, "old.json")  # of cases that take milliseconds here
        old.write_text((OLD_RUNS / "trials/run.json").read_text().replace("model:small/context:128/", "model:tiny/context:16/"))
        names, _ = compared(old, new)
        self.assertEqual(len(names), 2)
        self.assertEqual(set(names), set(benchmarks(old)))


if __name__ == "__main__":
    if not COMPARE.exists() or not importlib.util.find_spec("scipy"):
        print(f"SKIPPED: {COMPARE} or its SciPy is not installed (Debian: libbenchmark-tools)")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
