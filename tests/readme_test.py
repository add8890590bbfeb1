#!/usr/bin/env python3
"""Runs every command of README.md, in order, as a reader would from the checkout's root.

  readme_test.py ROOT BUILD PYTHON

Blocks marked "sh" are run; of "sh gpu" and "sh slurm" the syntax is checked. benchmarks/run and tests/run are run by .ci/run:
they set up and build, which no test of the build can do.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD, PYTHON = (pathlib.Path(argument).absolute() for argument in sys.argv[1:4])
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(sh[^\n]*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
OF_CI = ("benchmarks/run\n", "tests/run\n")
COMPARE = "/usr/share/benchmark/compare.py"  # Debian's libbenchmark-tools


class Readme(unittest.TestCase):
    def test_has_commands(self):
        self.assertGreater(len(BLOCKS), 10)

    def test_every_command_works(self):
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
                    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=folder, capture_output=True,
                                          text=True, timeout=300, stdin=subprocess.DEVNULL)
                    self.assertEqual(done.returncode, 0, f"{block}{done.stdout[-3000:]}{done.stderr[-3000:]}")

    def test_what_ci_runs_is_in_ci(self):
        ci = (ROOT / ".ci" / "run").read_text()
        for command in OF_CI:
            self.assertIn(command, [block for _, block in BLOCKS])
            self.assertIn(command.strip(), ci)

    def test_the_transcript_of_compare_py_is_there(self):
        transcript = re.search(r"<!-- compare.py transcript -->\n(.*?)<!-- end", README, re.DOTALL)[1]
        self.assertIn("U Test, Repetitions: 10 vs 10", transcript)

    def test_names_files_that_exist(self):
        for name in re.findall(r"`((?:model|benchmarks|analysis|tests|cmake)/[\w./-]*)`", README):
            self.assertTrue((ROOT / name).exists(), name)
        for link in re.findall(r"\]\(((?!http)[^)]+)\)", README):
            self.assertTrue((ROOT / link).exists(), link)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
