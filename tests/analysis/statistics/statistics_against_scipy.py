#!/usr/bin/env python3
"""The analysis's statistics against NumPy's and SciPy's, on fixed and on random samples.

statistics_against_scipy.py PRINT_STATISTICS
"""

import subprocess
import sys
import unittest

try:
    import numpy as np
    from scipy import stats
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)

PROGRAM = sys.argv[1]
TOLERANCE = 1e-12  # relative
QUANTILES = [0.0, 0.05, 0.25, 0.333, 0.5, 0.75, 0.95, 1.0]
NAMES = ["mean", "deviation", *(f"quantile {q}" for q in QUANTILES), "U", "p"]

FIXED = {
    "exact": ([3, 7, 1, 9], [4, 2, 11, 6, 8]),
    "exact, fully apart": ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]),
    "exact, few against many": ([0.5, 12.5], range(1, 101)),
    "exact, eight against nine": ([1.5 + i for i in range(8)], range(4, 13)),
    "exact, eight against a thousand": ([130.5 * i + 60.25 for i in range(8)], range(1000)),
    "one against one": ([1], [2]),
    "ties make few values normal": ([1, 2, 2, 3], [2, 3, 4, 5]),
    "ties within one sample": ([1, 1, 1], [2, 3, 4, 5]),
    "normal, nine against nine": (range(9), [4.5 + i for i in range(9)]),
    "normal, fully apart": (range(500), range(1000, 1500)),
    "normal, ties": ([5, 5, 5, 6, 6, 7, 8, 8, 9, 9], [5, 7, 7, 8, 8, 9, 9, 9, 10, 10]),
    "all equal": ([3.25] * 10, [3.25] * 10),
    "all equal, few": ([3.25] * 3, [3.25] * 4),
    "far from zero": ([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16], [1e9 + 5, 1e9 + 6]),
    "very large and very small": ([1e-300, 2e-300, 1e150, 3e150], [1e-299, 2e150]),
}


def random_samples():
    generator = np.random.default_rng(20240531)
    for i in range(400):
        n1, n2 = generator.integers(1, 40, 2)
        first = generator.lognormal(3, 0.5, n1)
        second = generator.lognormal(3 + generator.choice([0, 0.1, 1]), 0.5, n2)
        if i % 3 == 0:  # ties
            first, second = np.round(first), np.round(second)
        yield f"random {i}", (first, second)


def expected(first, second):
    first, second = np.asarray(first, float), np.asarray(second, float)
    deviation = np.std(first, ddof=1) if len(first) > 1 else np.nan
    test = stats.mannwhitneyu(first, second, alternative="two-sided")
    return [np.mean(first), deviation, *np.quantile(first, QUANTILES), test.statistic, test.pvalue]


class Statistics(unittest.TestCase):
    def test_equal_those_of_numpy_and_scipy(self):
        samples = {**FIXED, **dict(random_samples())}
        lines = [" ".join(repr(float(value)) for value in sample) for pair in samples.values() for sample in pair]
        printed = subprocess.run([PROGRAM], input="\n".join(lines) + "\n", check=True, capture_output=True, text=True)
        results = [[float(word) for word in line.split()] for line in printed.stdout.splitlines()]
        self.assertEqual(len(results), len(samples))
        methods = set()
        for (name, pair), result in zip(samples.items(), results):
            first, second = pair
            has_ties = len(set(first) | set(second)) < len(first) + len(second)
            methods.add(("exact" if min(len(first), len(second)) <= 8 and not has_ties else "normal", has_ties))
            for what, ours, theirs in zip(NAMES, result, expected(first, second), strict=True):
                with self.subTest(sample=name, what=what):
                    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=0, equal_nan=True)
        self.assertEqual(methods, {("exact", False), ("normal", False), ("normal", True)})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
