#!/usr/bin/env python3
"""Published figures are those of committed data: results_test.py ROOT TBENCH_SUMMARIZE

What `analysis/results/render` makes of the data: each summary.md to the byte, the pictures that are committed, and every
figure that a README shows between `<!-- excerpt of FILE -->` and `<!-- end of excerpt -->`.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv[1]).absolute()
SUMMARIZE = pathlib.Path(sys.argv[2]).absolute()
RESULTS = ROOT / "analysis" / "results"
EXCERPT = re.compile(r"<!-- excerpt of (\S+) -->\n(.*?)<!-- end of excerpt -->", re.DOTALL)
FIGURE = re.compile(r"\d[\d.]*")
KEYS = ("model", "context")  # columns that say which rows of FILE a row is from
QUOTIENT = "times faster"  # a column that is its left neighbour over that one's


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows(text):
    return [cells(line) for line in text.splitlines() if line.startswith("|") and not re.fullmatch(r"[|:\- ]+", line)]


def figures(cells_):
    return {figure for cell in cells_ for figure in FIGURE.findall(cell)}


def is_quotient(quotient, divisor, dividend):
    """Whether it may be that of the numbers that were rounded to these texts."""
    half = [0.5 * 10 ** -len(text.partition(".")[2]) for text in (quotient, divisor, dividend)]
    low = (float(dividend) - half[2]) / (float(divisor) + half[1]) - half[0]
    high = (float(dividend) + half[2]) / (float(divisor) - half[1]) + half[0]
    return low <= float(quotient) <= high


def faults(excerpt, source):
    """What an excerpt shows and its source does not hold, as sentences."""
    if all(line in source.splitlines() for line in excerpt.splitlines() if line.startswith("|")):
        return
    header, *body = rows(excerpt)
    of_source = rows(source)
    for row in body:
        key = {cell for title, cell in zip(header, row) if title in KEYS}
        known = figures(cell for other in of_source if key <= set(other) for cell in other)
        for i, (title, cell) in enumerate(zip(header, row)):
            if title == QUOTIENT and cell and not is_quotient(cell, row[i - 2], row[i - 1]):
                yield f"{' '.join(row)}: {cell} is not {row[i - 1]} / {row[i - 2]}"
            elif title not in KEYS and title != QUOTIENT:
                yield from (f"{' '.join(row)}: no {figure}" for figure in figures([cell]) - known)


class Results(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.made = pathlib.Path(cls.folder.name)
        subprocess.run([RESULTS / "render", SUMMARIZE, cls.made], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_every_summary_is_that_of_its_data_to_the_byte(self):
        summaries = sorted(RESULTS.glob("*/summary.md"))
        self.assertGreaterEqual(len(summaries), 4)
        for summary in summaries:
            with self.subTest(summary.parent.name):
                self.assertEqual((self.made / summary.relative_to(RESULTS)).read_bytes(), summary.read_bytes())

    def test_the_pictures_of_readmes_are_those_of_the_data(self):
        shown = 0
        for readme in [ROOT / "README.md", *RESULTS.glob("*/README.md")]:
            for picture in re.findall(r"(?:src=\"|\]\()([^\")]+\.svg)", readme.read_text()):
                path = (readme.parent / picture).resolve()
                shown += 1
                with self.subTest(f"{readme.relative_to(ROOT)}: {picture}"):
                    self.assertEqual(path.read_text(), (self.made / path.relative_to(RESULTS)).read_text())
        self.assertGreater(shown, 2)

    def test_every_figure_of_an_excerpt_is_in_its_file(self):
        count = 0
        for readme in [
            *ROOT.glob("*.md"),
            *(ROOT / "analysis").rglob("README.md"),
            *(ROOT / "benchmarks").rglob("README.md"),
        ]:
            for name, excerpt in EXCERPT.findall(readme.read_text()):
                source = next((path for path in ((ROOT / name), (readme.parent / name)) if path.exists()), None)
                if source is None or source.name == "report.md":  # made, not committed
                    source = self.made / (readme.parent / name).relative_to(RESULTS)
                count += 1
                with self.subTest(f"{readme.relative_to(ROOT)}: {name}"):
                    self.assertGreater(len(rows(excerpt)), 2)
                    self.assertEqual(list(faults(excerpt, source.read_text())), [])
        self.assertGreaterEqual(count, 3)


class Faults(unittest.TestCase):
    SOURCE = "| model | context | median ms |\n| small | 128 | 1.44 |\n| small | 128 | 4.48 |\n| xl | 128 | 9 |\n"

    def of(self, row):
        return list(faults(f"| model | context | ms | PyTorch | times faster |\n{row}\n", self.SOURCE))

    def test_are_none_of_figures_that_the_rows_hold(self):
        self.assertEqual(self.of("| small | 128 | 1.44 | 4.48 | 3.11 |"), [])

    def test_are_figures_of_other_rows_and_wrong_quotients(self):
        self.assertEqual(len(self.of("| small | 128 | 1.44 | 9 | 6.25 |")), 1)
        self.assertEqual(len(self.of("| small | 128 | 1.4 | 4.48 | 3.2 |")), 1)
        self.assertEqual(len(self.of("| small | 128 | 1.44 | 4.48 | 3.2 |")), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
