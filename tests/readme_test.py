#!/usr/bin/env python3
"""Holds the documents to the programs: runs their commands as a reader would, and checks what they name and quote.

  readme_test.py ROOT BUILD PYTHON

Blocks marked "sh" are run, in the order of MANUALS and in one folder, as from the checkout's root; of "sh gpu" and
"sh slurm" the syntax is checked. benchmarks/run and tests/run are run by .ci/run: they set up and build, which no test
of the build can do.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD, PYTHON = (pathlib.Path(argument).absolute() for argument in sys.argv[1:4])
# In the order in which a reader meets them: later ones use the runs of earlier ones.
MANUALS = (
    "README.md",
    "benchmarks/README.md",
    "analysis/README.md",
    "model/README.md",
    "tests/README.md",
    "CONTRIBUTING.md",
)
TEXTS = {name: (ROOT / name).read_text() for name in MANUALS}
ALL = TEXTS | {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for path in [ROOT / "CHANGELOG.md", *(ROOT / "analysis/results").glob("*/README.md")]
}
BLOCKS = [
    block
    for text in TEXTS.values()
    for block in re.findall(r"^```(sh[^\n]*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
]
OF_CI = ("benchmarks/run\n", "tests/run\n")
COMPARE = "/usr/share/benchmark/compare.py"  # Debian's libbenchmark-tools
FILE = r"(?:(?:model|benchmarks|analysis|tests|cmake|\.ci)/[\w./-]*|[A-Z]\w+\.(?:md|cff))"


def prose(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text):
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def marked(document, mark):
    """The groups of the pattern `mark` and the text from <!-- mark --> to <!-- end …."""
    return re.search(rf"<!-- {mark} -->\n(.*?)<!-- end", TEXTS[document], re.DOTALL).groups()


def rows_of_table(text):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def forward_backward_medians(files):
    """(model, context) -> implementation, "" for this project's -> the median of a forward and backward step, in ms."""
    times = {}
    for file in files:
        for row in json.loads(file.read_text())["benchmarks"]:
            case = re.search(r"/model:([^/]+)/context:(\d+)/pass:forward_backward/", row["name"])
            if case and row["run_type"] == "iteration":
                peer = re.match("peer/implementation:([^/]+)", row["name"])
                implementations = times.setdefault(case.groups(), {})
                implementations.setdefault(peer[1] if peer else "", []).append(row["real_time"] / 1000)
    return {case: {name: statistics.median(of) for name, of in by.items()} for case, by in times.items()}


class Commands(unittest.TestCase):
    def test_there_are_some(self):
        self.assertGreater(len(BLOCKS), 15)

    def test_every_one_works(self):
        with tempfile.TemporaryDirectory() as folder:
            # What the commands name; their results go to runs/ beside it.
            for name in ("README.md", "analysis", "benchmarks", "tests"):
                os.symlink(ROOT / name, f"{folder}/{name}")
            os.symlink(BUILD, f"{folder}/build")
            os.makedirs(f"{folder}/.venv/bin")
            # Not a link: Python would look for its packages beside the link.
            pathlib.Path(f"{folder}/.venv/bin/python").write_text(f'#!/bin/sh\nexec "{PYTHON}" "$@"\n')
            os.chmod(f"{folder}/.venv/bin/python", 0o755)
            os.makedirs(f"{folder}/runs")
            for kind, block in BLOCKS:
                with self.subTest(block):
                    checked = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
                    self.assertEqual(checked.returncode, 0, checked.stderr)
                    lacks_compare = COMPARE in block and not os.path.exists(COMPARE)
                    if block in OF_CI or kind != "sh" or lacks_compare:
                        continue
                    done = subprocess.run(
                        ["bash", "-euo", "pipefail", "-c", block],
                        cwd=folder,
                        capture_output=True,
                        text=True,
                        timeout=300,
                        stdin=subprocess.DEVNULL,
                    )
                    self.assertEqual(done.returncode, 0, f"{block}{done.stdout[-3000:]}{done.stderr[-3000:]}")

    def test_what_ci_runs_is_in_ci(self):
        ci = (ROOT / ".ci" / "run").read_text()
        for command in OF_CI:
            self.assertIn(command, [block for _, block in BLOCKS])
            self.assertIn(command.strip(), ci)


class Quotations(unittest.TestCase):
    def test_the_transcript_of_compare_py_is_there(self):
        self.assertIn("U Test, Repetitions: 10 vs 10", marked("analysis/README.md", "compare.py transcript")[0])

    def test_the_medians_are_those_of_the_published_trials(self):
        folder, text = marked("README.md", r"medians of (\S+)")
        ours, theirs = (forward_backward_medians((ROOT / folder).glob(f"{files}*.json")) for files in ("run", "peers"))
        rows = rows_of_table(text)[2:]
        self.assertGreater(len(rows), 3)
        for case, reduced, peer, name, own, ratio in rows:
            key = tuple(case.split(", "))
            best = min(theirs[key], key=theirs[key].get)
            old, new = theirs[key][best], ours[key][""]
            self.assertEqual(reduced, f"{theirs[key]['compile_graph']:.4g}", case)
            self.assertEqual((peer, name.strip("`"), own), (f"{old:.4g}", best, f"{new:.4g}"), case)
            self.assertEqual(ratio.strip("×"), f"{old / new:.2f}", case)

    def test_the_excerpt_is_of_the_published_run(self):
        run, text = marked("analysis/README.md", r"excerpt of the summary of (\S+)")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [BUILD / "analysis/tbench_summarize", ROOT / run, "-o", folder], check=True, capture_output=True
            )
            summary = pathlib.Path(folder, "summary.md").read_text().splitlines()
        rows = [line for line in text.splitlines() if line.startswith("|")]
        self.assertGreater(len(rows), 4)
        for row in rows:
            self.assertIn(row, summary)


class Names(unittest.TestCase):
    def test_files_exist(self):
        for document, text in TEXTS.items():
            for name in re.findall(f"`({FILE})`", text):
                self.assertTrue((ROOT / name).exists(), f"{document}: {name}")

    def test_what_is_in_a_file_is_in_it(self):
        """`Name` in `file`, and `Name` (`file`, `file`)."""
        found = 0
        for document, text in TEXTS.items():
            for symbol, files in re.findall(rf"`([A-Za-z_:]+)`\s+(?:in\s+|\()((?:`{FILE}`(?:,\s+)?)+)", text):
                found += 1
                sources = "".join((ROOT / file).read_text() for file in re.findall(f"`({FILE})`", files))
                is_there = re.search(rf"\b{symbol.split('::')[-1]}\b", sources)
                self.assertTrue(is_there, f"{document}: `{symbol}` in {files}")
        self.assertGreater(found, 20)

    def test_links_lead_somewhere(self):
        for document, text in ALL.items():
            folder = (ROOT / document).parent
            for link in re.findall(r"\]\(((?!http)[^)]+)\)", prose(text)) + re.findall(r'src="((?!http)[^"]+)"', text):
                file, _, anchor = link.partition("#")
                target = folder / file if file else ROOT / document
                self.assertTrue(target.exists(), f"{document}: {link}")
                if anchor:
                    self.assertIn(anchor, anchors(target.read_text()), f"{document}: {link}")

    def test_every_layer_is_explained(self):
        test = (ROOT / "tests/layers_test.py").read_text()
        layers = re.search(r"^LAYERS = \[(.*?)\]", test, re.MULTILINE | re.DOTALL)[1]
        section = TEXTS["CONTRIBUTING.md"].split("## The layers")[1].split("\n## ")[0]
        self.assertEqual(re.findall(r"^\| `([\w/]+)` \|", section, re.MULTILINE), re.findall(r'"([\w/]+)"', layers))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
