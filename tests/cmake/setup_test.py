#!/usr/bin/env python3
"""cmake/setup.sh in throwaway folders, with a Python that only notes what it was asked for; and what it pins.

setup_test.py ROOT
"""

import importlib.metadata
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).absolute()

# Makes a .venv of itself; its pip notes its environment and arguments, and fails where told to.
PYTHON = """#!/bin/bash
case "$*" in
  *"-m venv"*) rm -rf .venv && mkdir -p .venv/bin && cp "$FAKES/python3" .venv/bin/python ;;
  *"pip --version"*) ;;
  *"pip config list"*) printf '%s' "$PIP_CONF" ;;
  *"pip install"*) env >"$FAKES/environment"; echo "$*" >>"$FAKES/pip"; exit "${PIP_FAILS:-0}" ;;
  *) exit 1 ;;
esac
"""


class SetupTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="a b")
        self.addCleanup(folder.cleanup)
        self.tree, self.fakes = pathlib.Path(folder.name, "tree"), pathlib.Path(folder.name, "fakes")
        self.fakes.mkdir()
        shutil.copytree(ROOT / "cmake", self.tree / "cmake")
        for name, text in {
            "python3": PYTHON,
            "apt-get": "#!/bin/sh\n",
            "dpkg-query": "#!/bin/sh\ncase $* in *Version*) echo 1.8.0 ;; *) echo installed ;; esac\n",
            "dpkg": "#!/bin/sh\n",
            "g++": "#!/bin/sh\necho 12\n",
            "nvcc": "#!/bin/sh\necho release 13.0, V13.0.88\n",
        }.items():
            (self.fakes / name).write_text(text)
            (self.fakes / name).chmod(0o755)

    def set_up(self, *arguments, **environment):
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "TBENCH_"))}
        for name in ("Torch_DIR", "CMAKE_PREFIX_PATH"):
            inherited.pop(name, None)
        return subprocess.run(
            [self.tree / "cmake/setup.sh", *arguments],
            env=inherited | {"PATH": f"{self.fakes}:{os.environ['PATH']}", "FAKES": str(self.fakes)} | environment,
            capture_output=True,
            text=True,
        )

    def installs(self):
        pip = self.fakes / "pip"
        return pip.read_text().splitlines() if pip.exists() else []

    def test_installs_once(self):
        for _ in range(2):
            done = self.set_up()
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.installs()), 1)
        self.assertIn("--only-binary=:all:", self.installs()[0])

    def test_makes_an_environment_without_pip_anew(self):
        python = self.tree / ".venv/bin/python"
        python.parent.mkdir(parents=True)
        python.write_text("#!/bin/sh\necho No module named pip >&2; exit 1\n")
        python.chmod(0o755)
        done = self.set_up()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("making .venv anew", done.stderr)
        self.assertEqual(len(self.installs()), 1)

    def test_makes_an_environment_whose_interpreter_is_gone_anew(self):
        self.assertEqual(self.set_up().returncode, 0)
        python = self.tree / ".venv/bin/python"
        python.unlink()
        python.symlink_to("gone")
        done = self.set_up()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.installs()), 2)

    def test_an_interrupted_install_counts_as_none(self):
        self.assertEqual(self.set_up().returncode, 0)
        requirements = self.tree / "cmake/requirements.txt"
        before = requirements.read_text()
        requirements.write_text(before + "other==1\n")
        self.assertNotEqual(self.set_up(PIP_FAILS="1").returncode, 0)
        requirements.write_text(before)
        self.assertEqual(self.set_up().returncode, 0)
        self.assertEqual(len(self.installs()), 3)

    def test_installs_into_the_environment_whatever_pip_is_told(self):
        elsewhere = dict(PIP_USER="1", PIP_TARGET="/elsewhere", PIP_PREFIX="/elsewhere", PIP_ROOT="/elsewhere")
        done = self.set_up(**elsewhere, PIP_INDEX_URL="https://mirror", PYTHONPATH="/elsewhere")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.installs()[0].startswith("-I "))
        seen = (self.fakes / "environment").read_text().splitlines()
        told = [line for line in seen if line.startswith("PIP_")]
        self.assertCountEqual(told, ["PIP_USER=0", "PIP_INDEX_URL=https://mirror"])

    def test_refuses_a_configuration_that_installs_elsewhere(self):
        for line in ("global.target='/elsewhere'", "install.prefix='/elsewhere'", "site.root='/elsewhere'"):
            done = self.set_up(PIP_CONF=f"global.index-url='https://mirror'\n{line}\n")
            self.assertNotEqual(done.returncode, 0, line)
            self.assertIn(f"elsewhere than into .venv: {line}", done.stderr)
        self.assertEqual(self.installs(), [])
        self.assertEqual(self.set_up(PIP_CONF="global.index-url='https://mirror/root=1'\n").returncode, 0)

    def test_installs_what_tests_need_beside_a_libtorch_that_is_named(self):
        self.assertEqual(self.set_up(TBENCH_PYTHON="/elsewhere/python").returncode, 0)
        self.assertEqual(self.installs(), [])
        self.assertEqual(self.set_up("--tests", TBENCH_PYTHON="/elsewhere/python").returncode, 0)
        self.assertEqual(len(self.installs()), 1)
        self.assertIn("requirements-tests.txt", self.installs()[0])

    def test_tells_that_the_commit_cannot_be_read(self):
        (self.tree / ".git").write_text("gitdir: gone\n")
        self.assertIn("commit 'unknown'", self.set_up().stderr)
        self.assertNotIn("commit 'unknown'", self.set_up(TBENCH_GIT_COMMIT="mine").stderr)


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


class RequirementsTest(unittest.TestCase):
    def setUp(self):
        self.pins = {}
        for path in sorted((ROOT / "cmake").glob("requirements*.txt")):
            for line in path.read_text().splitlines():
                if line and not line.startswith("#"):
                    name, _, version = re.sub(r"\[.*\]", "", line).partition("==")
                    self.assertRegex(version, r"^[0-9.]+$", f"{path}: {line}")
                    self.assertEqual(self.pins.setdefault(canonical(name), version), version, f"{path}: {line}")

    def test_pin_all_that_is_installed(self):
        installed = list((ROOT / ".venv/lib").glob("python3*/site-packages"))
        if not (ROOT / ".venv/installed").exists() or len(installed) != 1:
            self.skipTest("no .venv of cmake/setup.sh's")
        for distribution in importlib.metadata.distributions(path=[str(installed[0])]):
            name = canonical(distribution.name)
            if name != "pip":  # the one that venv brings
                with self.subTest(name):
                    self.assertEqual(self.pins.get(name), distribution.version.partition("+")[0])


if __name__ == "__main__":
    unittest.main()
