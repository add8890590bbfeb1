#!/usr/bin/env python3
"""The commit that cmake/Version.cmake and pytorch_peer.py record: the sources' own or none.

version_test.py ROOT CMAKE
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CMAKE = sys.argv.pop(2)
ROOT = pathlib.Path(sys.argv.pop(1)).absolute()
VERSION = ROOT / "cmake/Version.cmake"
GIT = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
GIT.pop("TBENCH_GIT_COMMIT", None)


def git(folder, *arguments):
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@y", *arguments]
    return subprocess.run(command, cwd=folder, env=GIT, check=True, capture_output=True, text=True).stdout.strip()


def new_repository(folder):
    """Returns its commit."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    (folder / "file").write_text(str(folder))
    git(folder, "add", "file")
    git(folder, "commit", "-q", "--no-verify", "-m", "made up")
    return git(folder, "rev-parse", "HEAD")


class VersionTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="a b")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def by_cmake(self, sources, environment):
        (self.folder / "in").write_text("@TBENCH_GIT_COMMIT@")
        definitions = [f"-DSOURCE_DIR={sources}", f"-DINPUT={self.folder}/in", f"-DOUTPUT={self.folder}/out"]
        done = subprocess.run(
            [CMAKE, *definitions, "-P", VERSION], env=GIT | environment, check=True, capture_output=True, text=True
        )
        self.said = done.stderr
        return (self.folder / "out").read_text().strip()

    def by_peer(self, sources, environment):
        peers = sources / "benchmarks/peers"
        if not peers.exists():
            shutil.copytree(ROOT / "benchmarks/peers", peers, ignore=shutil.ignore_patterns("__pycache__"))
            if (sources / ".git").exists():
                (sources / ".git/info/exclude").write_text("benchmarks\n")
        command = [sys.executable, "-B", "-c", "import pytorch_peer; print(pytorch_peer.git_commit())"]
        done = subprocess.run(command, cwd=peers, env=GIT | environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def expect(self, sources, commit, **environment):
        self.assertEqual(self.by_cmake(sources, environment), commit)
        self.assertEqual(self.by_peer(sources, environment), commit)

    def test_is_the_checkouts(self):
        self.expect(self.folder / "tree", new_repository(self.folder / "tree"))

    def test_is_marked_where_a_file_was_changed(self):
        commit = new_repository(self.folder / "tree")
        (self.folder / "tree/file").write_text("changed")
        self.expect(self.folder / "tree", commit + "-dirty")

    def test_of_an_archive_inside_another_checkout_is_unknown(self):
        new_repository(self.folder / "other")
        sources = self.folder / "other/third_party/tree"
        sources.mkdir(parents=True)
        self.expect(sources, "unknown")

    def test_is_not_that_of_the_hook_which_builds(self):
        commit = new_repository(self.folder / "tree")
        new_repository(self.folder / "other")
        other = self.folder / "other"
        self.expect(
            self.folder / "tree",
            commit,
            GIT_DIR=f"{other}/.git",
            GIT_WORK_TREE=str(other),
            GIT_INDEX_FILE=f"{other}/.git/index",
        )

    def test_that_git_refuses_to_tell_is_warned_of(self):
        (self.folder / "tree").mkdir()
        (self.folder / "tree/.git").write_text("gitdir: gone\n")
        self.assertEqual(self.by_cmake(self.folder / "tree", {}), "unknown")
        self.assertIn("TBENCH_GIT_COMMIT", self.said)
        self.assertEqual(self.by_cmake(self.folder / "tree", {"TBENCH_GIT_COMMIT": "mine"}), "mine")


if __name__ == "__main__":
    unittest.main()
