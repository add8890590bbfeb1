#!/usr/bin/env python3
"""The peer in PyTorch: the same function as the reference model, and files that the reports read.

  pytorch_peer_test.py TBENCH_SUMMARIZE TRANSFORMER_BENCH

Exits with 77, which is "skipped", where there is no torch.
"""

import dataclasses
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

os.environ["OMP_NUM_THREADS"] = "1"
try:
    import torch
except ImportError:
    print("skipped: this Python has no torch")
    sys.exit(77)

ROOT = pathlib.Path(__file__).parents[3]
SCRIPT = ROOT / "benchmarks" / "peers" / "pytorch_peer.py"
SUMMARIZE, PROGRAM = (pathlib.Path(argument).absolute() for argument in sys.argv[1:3])
sys.path += [str(SCRIPT.parent), str(ROOT / "tests" / "model" / "composed")]
import pytorch_peer  # noqa: E402
import reference_model  # noqa: E402
from cells import NotSupported, describe, multiply, parse_model  # noqa: E402
from pytorch_step import (  # noqa: E402
    CAPTURE_STEPS,
    IMPLEMENTATIONS,
    WEIGHTS,
    NumericsError,
    Step,
    gpu_uuid,
    in_words,
    measure,
)

CPU = torch.device("cpu")
DESCRIPTION = describe(PROGRAM)
DESCRIBED = DESCRIPTION["peers"]


def tiny(implementation="eager", pass_name="forward", precision="fp32"):
    return multiply([implementation, "tiny", "16", pass_name, precision, "2", "1"], DESCRIBED)[0]


class ModelTest(unittest.TestCase):
    def test_has_what_the_benchmark_describes(self):
        self.assertEqual(list(IMPLEMENTATIONS), DESCRIBED["implementations"])
        self.assertEqual(list(WEIGHTS), DESCRIBED["precisions"])
        for spec in DESCRIBED["models"].values():
            self.assertEqual(",".join(f"{key}:{value}" for key, value in parse_model(spec)._asdict().items()), spec)

    def test_refuses_what_it_does_not_know(self):
        cell = tiny()
        for change in ({"spec": cell.spec + ",kv_heads:1"}, {"implementation": "jax"}, {"precision": "fp8"}):
            with self.subTest(change), self.assertRaises(NotSupported):
                Step(dataclasses.replace(cell, **change), CPU, seed=0)

    def test_trains_as_the_reference_does(self):
        for precision, tolerance in (("fp32", 1e-5), ("bf16", 2e-2)):
            for implementation, attention in (("eager", "naive"), ("sdpa", "sdpa")):
                with self.subTest(precision=precision, implementation=implementation):
                    step = Step(tiny(implementation, "train_step", precision), CPU, seed=1)
                    model = reference_model.Transformer(
                        reference_model.Config(*parse_model(DESCRIBED["models"]["tiny"])), precision, attention
                    )
                    model.load_state_dict(step.model.state_dict())
                    trainer = reference_model.Trainer(model)
                    tokens = torch.cat([step.inputs, step.targets.view_as(step.inputs)[:, -1:]], 1)
                    for _ in range(3):
                        loss = trainer.step(tokens)
                        step()
                        self.assertAlmostEqual(step.loss.item(), loss.item(), delta=tolerance * loss.item())
                    for name, weight in step.model.named_parameters():
                        error = (weight - model.state_dict()[name]).norm() / weight.norm()
                        self.assertLess(error, tolerance, name)

    def test_merged_weights_are_the_same_function(self):
        step = Step(tiny("sdpa"), CPU, seed=1)
        step()
        apart = step.loss.item()
        step.model.merge_weights()
        self.assertFalse([name for name, _ in step.model.named_parameters() if "q_proj" in name or "w1." in name])
        step()
        self.assertAlmostEqual(step.loss.item(), apart, places=5)

    def test_of_one_graph_merges_what_its_name_says(self):
        for implementation, merged in (("whole_graph", False), ("merged_graph", True)):
            self.assertTrue(IMPLEMENTATIONS[implementation].whole_graph)
            apart = IMPLEMENTATIONS[implementation]._replace(whole_graph=False)  # which needs a GPU
            with mock.patch.dict(IMPLEMENTATIONS, {implementation: apart}):
                names = [name for name, _ in Step(tiny(implementation), CPU, seed=0).model.named_parameters()]
            self.assertEqual(any("qkv_proj" in name for name in names), merged)
            self.assertEqual(any("w13" in name for name in names), merged)

    @unittest.skipUnless(torch.cuda.is_available(), "needs a GPU")
    def test_one_graph_is_the_same_step(self):
        gpu = torch.device("cuda")
        for pass_name in ("forward", "forward_backward", "train_step"):
            for implementation in ("whole_graph", "merged_graph"):
                with self.subTest(pass_name, implementation=implementation):
                    losses = []
                    for kind in ("sdpa", implementation):
                        step = Step(tiny(kind, pass_name, "bf16"), gpu, seed=1)
                        while step.steps < CAPTURE_STEPS + 2:
                            step()
                        losses.append(step.loss.item())
                    self.assertAlmostEqual(losses[1], losses[0], delta=1e-2 * losses[0])
                    self.assertGreater(step.capture_bytes, 0)

    def test_one_graph_needs_a_gpu(self):
        for implementation in ("whole_graph", "merged_graph"):
            with self.assertRaisesRegex(NotSupported, "needs a GPU"):
                Step(tiny(implementation), CPU, seed=0)

    def test_names_what_computed_attention(self):
        rows = {kind: measure(tiny(kind), 1, CPU, seed=0, wait_for_turn=lambda: False)[0] for kind in ("eager", "sdpa")}
        self.assertNotIn("label", rows["eager"])
        self.assertRegex(rows["sdpa"]["label"], "^attention_backend:(flash|math)$")

    def test_chunks_of_the_optimizer_change_nothing(self):
        whole = Step(tiny("sdpa", "train_step", "bf16"), CPU, seed=1)
        with mock.patch("pytorch_model.AdamW.CHUNK", 10_000):
            parts = Step(tiny("sdpa", "train_step", "bf16"), CPU, seed=1)
        self.assertGreater(len(parts.optimizer.chunks), 3)
        for step in (whole, parts):
            step()
        for a, b in zip(whole.parameters, parts.parameters):
            self.assertTrue(torch.equal(a, b))


class MachineTest(unittest.TestCase):
    def test_spells_a_gpus_identifier_as_the_benchmark_does(self):
        for name, uuid in (("NVIDIA H100", "GPU-0123"), ("NVIDIA H100 MIG 1g.10gb", "MIG-0123")):
            self.assertEqual(gpu_uuid(types.SimpleNamespace(name=name, uuid="0123")), uuid)


class CellTest(unittest.TestCase):
    def test_tells_what_a_trial_cost(self):
        rows = measure(tiny(), 3, CPU, seed=0, wait_for_turn=lambda: False)
        self.assertEqual([row["steps_before"] for row in rows], [1, 2, 3])
        self.assertIn("setup_us", rows[0])
        self.assertNotIn("setup_us", rows[1])
        for row in rows:
            self.assertAlmostEqual(row["loss"], math.log(10_000), delta=0.3)
            self.assertGreater(row["real_time"], 0)

    def test_settles_after_a_pause_and_counts_those_steps(self):
        with mock.patch("pytorch_step.SETTLING_SECONDS", 0.2):
            before = [row["steps_before"] for row in measure(tiny(), 2, CPU, seed=0, wait_for_turn=lambda: True)]
        self.assertGreater(before[0], 1 + 3)
        self.assertEqual(before[1], before[0] + 1)

    def test_spells_errors_as_a_run_does(self):
        self.assertEqual(in_words(torch.OutOfMemoryError("Tried to\nallocate")), "out_of_memory: Tried to allocate")
        self.assertEqual(
            in_words(RuntimeError("CUBLAS_STATUS_ALLOC_FAILED")), "out_of_memory: CUBLAS_STATUS_ALLOC_FAILED"
        )
        self.assertEqual(in_words(NumericsError("nan")), "numerics: nan")
        self.assertEqual(in_words(ValueError("")), "failed: ValueError")


class CellProcessTest(unittest.TestCase):
    def options(self):
        return types.SimpleNamespace(trials=2, device="cpu", seed=0, prepare=1)

    def start(self, cell):
        process = pytorch_peer.CellProcess(cell, self.options())
        self.addCleanup(process.close)
        return process

    def test_measures_when_it_is_asked_to(self):
        process = self.start(tiny())
        process.wait_until_prepared()
        self.assertIsNone(process.process.poll())
        self.assertFalse(process.result.exists())
        result = process.measure()
        self.assertEqual(len(result["measured"]), 2)
        self.assertEqual(result["context"]["device"], "cpu")

    def test_of_a_cell_that_fails_tells_why(self):
        process = self.start(tiny(precision="tf32"))
        process.wait_until_prepared()
        self.assertIn("needs a GPU", process.measure()["measured"][0]["error_message"])

    def test_of_a_process_that_dies_says_so(self):
        with mock.patch.object(sys, "executable", "/bin/false"):
            process = self.start(tiny())
        process.wait_until_prepared()
        self.assertEqual(process.measure()["measured"][0]["error_message"], "crashed: exit code 1")

    def test_ends_with_its_parent(self):
        process = self.start(tiny())
        process.wait_until_prepared()
        process.process.communicate(timeout=60)  # closes the pipe, as a parent's end does
        self.assertEqual(process.process.returncode, 1)
        self.assertFalse(process.result.exists())


class PreparationTest(unittest.TestCase):
    def run_cells(self, prepare, interrupted=False):
        """What happened to three cells, in order."""
        happened = []

        class Process:
            def __init__(self, cell, _):
                self.name = cell.precision
                happened.append(f"start {self.name}")

            def wait_until_prepared(self):
                if interrupted:
                    raise KeyboardInterrupt
                happened.append(f"prepared {self.name}")

            def measure(self):
                happened.append(f"measure {self.name}")
                return {"context": {}, "measured": [{"real_time": 1.0}]}

            def close(self):
                happened.append(f"close {self.name}")

        with (
            tempfile.TemporaryDirectory() as folder,
            mock.patch.object(pytorch_peer, "CellProcess", Process),
            mock.patch("builtins.print"),
        ):
            options = types.SimpleNamespace(trials=1, seed=0, prepare=prepare, output=pathlib.Path(folder, "p.json"))
            try:
                self.assertEqual(
                    pytorch_peer.run(
                        [dataclasses.replace(tiny(), precision=name) for name in ("a", "b", "c")], options, {}
                    ),
                    0,
                )
            except KeyboardInterrupt:
                happened.append("interrupted")
        return happened

    def test_is_of_one_cell_at_a_time_by_default(self):
        self.assertEqual(
            self.run_cells(1),
            [f"{what} {cell}" for cell in "abc" for what in ("start", "prepared", "measure", "close")],
        )

    def test_of_several_cells_ends_before_one_is_measured(self):
        self.assertEqual(
            self.run_cells(2),
            [
                "start a",
                "start b",
                "prepared a",
                "prepared b",
                "measure a",
                "measure b",
                "close b",
                "close a",
                "start c",
                "prepared c",
                "measure c",
                "close c",
            ],
        )

    def test_ends_what_it_started_when_it_is_interrupted(self):
        self.assertEqual(
            self.run_cells(2, interrupted=True), ["start a", "start b", "close b", "close a", "interrupted"]
        )


class FileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name, "peers.json")

    def peer(self, *arguments):
        command = [
            sys.executable,
            SCRIPT,
            "--models=tiny",
            "--contexts=16",
            "--passes=forward",
            "--trials=2",
            "--batch=2",
            "--device=cpu",
            f"--program={PROGRAM}",
            "-o",
            self.path,
            *arguments,
        ]
        return subprocess.run(command, capture_output=True, text=True)

    def test_is_read_by_the_reports_and_goes_on_where_it_stopped(self):
        done = self.peer("--precisions=fp32,tf32")
        self.assertEqual(done.returncode, 1, done.stderr)
        content = json.loads(self.path.read_text())
        self.assertEqual(content["context"]["device"], "cpu")
        self.assertEqual(content["context"]["model.tiny"], "vocab:10000,d_model:64,d_ff:256,layers:2,heads:2")
        rows = content["benchmarks"]
        self.assertEqual([row["family_index"] for row in rows], [0, 0, 1])
        self.assertEqual(
            rows[0]["name"],
            "peer/implementation:eager/model:tiny/context:16/pass:forward/precision:fp32/batch:2/warmups:5/"
            "iterations:1/repeats:2/manual_time",
        )
        self.assertEqual(rows[2]["error_message"], "not_supported: precision:tf32 needs a GPU")

        done = self.peer("--precisions=fp32")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("already there", done.stdout)
        self.assertEqual(json.loads(self.path.read_text()), content)

        report = self.path.parent / "report"
        done = subprocess.run([SUMMARIZE, self.path, "-o", report], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex((report / "report.md").read_text(), r"fp32 PyTorch eager +\| +[\d.]+ ")

    def test_has_the_same_cells_when_several_are_prepared_at_once(self):
        done = self.peer("--precisions=fp32,tf32,bf16", "--prepare=3")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("prepared 3 cells", done.stdout)
        rows = json.loads(self.path.read_text())["benchmarks"]
        self.assertEqual(
            [("tf32" in row["name"], row["real_time"] > 0) for row in rows],
            [(False, True), (False, True), (True, False), (False, True), (False, True)],
        )

    def test_names_every_command_that_it_is_of(self):
        for warmups in ("0", "1", "0"):
            self.assertEqual(self.peer(f"--warmups={warmups}").returncode, 0)
        command = (
            "pytorch_peer.py --models=tiny --contexts=16 --passes=forward --trials=2 --batch=2 --device=cpu --warmups="
        )
        self.assertEqual(json.loads(self.path.read_text())["context"]["command"], f"{command}0 && {command}1")

    def test_of_another_machine_is_left_alone(self):
        for text, reason in (
            ('{"context": {"torch_version": "1.0"}, "benchmarks": []}', "torch_version 1.0"),
            ('{"context": {}, "benchmarks": [{"name": "transformer_step/model:tiny"}]}', "is no peer's"),
            ("{", "not a file of peers"),
        ):
            self.path.write_text(text)
            done = self.peer("--precisions=fp32")
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(reason, done.stderr)
            self.assertEqual(self.path.read_text(), text)

    def test_is_of_one_machine_and_one_software(self):
        cell = tiny()
        rows = pytorch_peer.rows_of(cell, [{"real_time": 1.0}], 1)
        for key in (
            "device",
            "gpu_name",
            "gpu_memory_bytes",
            "driver_version",
            "torch_version",
            "cuda_version",
            "cudnn_version",
            "cpu_name",
            "threads",
            "seed",
        ):
            with self.subTest(key), tempfile.TemporaryDirectory() as folder:
                file = pytorch_peer.PeerFile(pathlib.Path(folder, "peers.json"))
                file.add(rows, {key: "1", "date": "1"})
                file.add(rows, {key: "1", "date": "2"})
                file.add(rows, {})  # a process that died knows no machine
                with self.assertRaisesRegex(ValueError, f"with {key} 1, this one with 2"):
                    file.add(rows, {key: "2"})

    def test_lacks_cells_that_failed_or_have_fewer_trials(self):
        with tempfile.TemporaryDirectory() as folder:
            file, cell = pytorch_peer.PeerFile(pathlib.Path(folder, "peers.json")), tiny()
            file.add(pytorch_peer.rows_of(cell, [pytorch_peer.error_row("crashed: x")], 1), {})
            self.assertFalse(file.has(cell, 1))
            file.add(pytorch_peer.rows_of(cell, [{"real_time": 1.0}], 1), {})
            self.assertTrue(file.has(cell, 1))
            file.add(pytorch_peer.rows_of(cell, [{"real_time": 1.0}], 2), {})
            self.assertFalse(file.has(cell, 2))

    def test_that_is_none_of_peers_is_refused(self):
        row = '{"context": {}, "benchmarks": [%s]}'
        for content in (
            row % '{"name": 5}',
            row % "5",
            '{"context": {"command": [1]}, "benchmarks": []}',
            '{"context": [5], "benchmarks": []}',
            "[" * 100_000,
            "5",
        ):
            with self.subTest(content[:60]), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "peers.json")
                path.write_text(content)
                with self.assertRaises((ValueError, KeyError, TypeError)):
                    pytorch_peer.PeerFile(path)

    def test_that_cannot_be_written_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.peer("--precisions=fp32", f"-o{folder}")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("it is a directory", done.stderr)
        if os.path.exists("/dev/full"):
            done = self.peer("--precisions=fp32", "-o/dev/full")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("/dev/full: cannot be written: ", done.stderr)

    def test_is_utf8_whatever_it_is_told(self):
        with mock.patch.object(pytorch_peer, "git_commit", lambda: "J\udcf6rg \ud800 é"):
            pytorch_peer.write_whole(self.path, {"context": {"git_commit": pytorch_peer.git_commit()}})
        content = json.loads(self.path.read_bytes().decode())
        self.assertEqual(content["context"]["git_commit"], "J\ufffdrg \ufffd é")

    def test_names_the_cpu_as_the_benchmark_does(self):
        self.assertEqual(self.peer("--precisions=fp32").returncode, 0)
        context = json.loads(self.path.read_text())["context"]
        self.assertEqual(context["cpu_name"], DESCRIPTION["context"]["cpu_name"])

    def test_needs_a_program_that_describes_what_there_is(self):
        with tempfile.TemporaryDirectory() as folder:
            for text in ("[]", '{"peers": 5}', '{"context": [], "peers": {}}', "[" * 100_000):
                program = pathlib.Path(folder, "program")
                pathlib.Path(folder, "text").write_text(text)
                program.write_text(f"#!/bin/sh\ncat {folder}/text\n")
                program.chmod(0o755)
                with self.subTest(text[:60]), self.assertRaisesRegex(ValueError, "does not describe what there is"):
                    describe(program)

    def test_of_another_seed_is_left_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "peers.json")
            file = pytorch_peer.PeerFile(path)
            cell = tiny()
            file.add(pytorch_peer.rows_of(cell, [{"real_time": 1.0}], 1), {"seed": "1"})
            options = types.SimpleNamespace(output=path, trials=1, seed=2, prepare=1)
            self.assertEqual(pytorch_peer.run([cell], options, {}), 2)

    def test_is_not_begun_by_a_bad_flag(self):
        for flag, reason in (
            ("--models=smal", "unknown value 'smal'"),
            ("--contexts=0", "at least 1"),
            ("--prepare=0", "at least 1"),
            ("--prepare=2 --warmups=0", "without warm-ups"),
            ("--precisions=fp16", "unknown value 'fp16'"),
            ("--program=/nonexistent", "does not describe what there is to measure"),
        ):
            done = self.peer(*flag.split())
            self.assertEqual(done.returncode, 2)
            self.assertIn(reason, done.stderr)
            self.assertFalse(self.path.exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
