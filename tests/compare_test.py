#!/usr/bin/env python3
"""Google Benchmark's compare.py reads two of our runs and prints its U test.

  compare_test.py TBENCH_SWEEP TRANSFORMER_BENCH
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SWEEP, BENCH = sys.argv[1:3]
COMPARE = pathlib.Path("/usr/share/benchmark/compare.py")


class ComparePy(unittest.TestCase):
    def test_prints_its_u_test_of_two_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            for run in ("before", "after"):
                subprocess.run([SWEEP, "--binary", BENCH, "--models", "tiny", "--contexts", "16", "--warmups", "1",
                                "-o", f"{folder}/{run}"], check=True, capture_output=True)
            printed = subprocess.run([sys.executable, COMPARE, "-a", "benchmarks", f"{folder}/before/run.json",
                                      f"{folder}/after/run.json"], check=True, capture_output=True, text=True).stdout
        for direction in ("forward", "forward_backward"):
            name = (f"transformer_step/model:tiny/context:16/pass:{direction}/precision:fp32/attention:naive/"
                    "kernels:composed/launch:eager/batch:4/warmups:1/iterations:1/repeats:10/manual_time_pvalue")
            lines = [line for line in printed.splitlines() if line.startswith(name)]
            self.assertEqual(len(lines), 1, printed)
            self.assertIn("U Test, Repetitions: 10 vs 10", lines[0])


if __name__ == "__main__":
    if not COMPARE.exists():
        print(f"SKIPPED: {COMPARE} is not installed (Debian: libbenchmark-tools)")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
