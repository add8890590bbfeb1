#!/usr/bin/env python3
"""Measures the step of transformer_bench in PyTorch, for tbench_summarize to put beside a run.

  pytorch_peer.py --models small,2.7B --contexts 256 --implementations eager,compile_graph -o peers.json
  tbench_summarize runs/mine peers.json

Implementations: eager (operators one by one, attention's scores written out), sdpa (the same with
scaled_dot_product_attention, as in all that follow), compile (torch.compile), compile_graph (its mode reduce-overhead:
with CUDA graphs), max_autotune (its mode max-autotune), whole_graph (model and loss compiled, the whole step in one CUDA
graph), merged_graph (the same with one GEMM for q, k and v, and one for w1 and w3). bf16 has BF16 weights and an FP32
loss; its train_step steps FP32 master weights, as transformer_bench does.

Each cell is measured in a process of its own. A compiled one takes half a minute to minutes to compile, most of it on one
core: --prepare N builds, compiles and warms up N cells at a time, and then measures them one after another, each after
another second of steps, while the others wait. The GPU must have room for N of them.

The file is Google Benchmark's JSON and whole after every cell; cells that it holds already are kept, so the same command goes
on where it stopped. Exit code: 0 all cells are good, 1 some failed and have a row that says why, 2 it could not be done.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import errno
import functools
import importlib.util
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Callable

from cells import AXES, Cell, Json, describe, multiply

PROGRAM = pathlib.Path(__file__).parents[2] / "build" / "benchmarks" / "transformer_bench"

# Cells of one file share these; the clock, the load and the commit may change between two sittings.
MACHINE_KEYS = (
    "device",
    "gpu_name",
    "gpu_uuid",
    "gpu_memory_bytes",
    "driver_version",
    "torch_version",
    "cuda_version",
    "cudnn_version",
    "cpu_name",
    "threads",
    "seed",
)


def git_commit() -> str:
    """Of this checkout: not of one around it, nor of the one whose hook runs this."""
    root = pathlib.Path(__file__).resolve().parents[2]
    of_hooks = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    environment = {key: value for key, value in os.environ.items() if key not in of_hooks}
    environment["GIT_CEILING_DIRECTORIES"] = str(root.parent)
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    except OSError:
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def rows_of(cell: Cell, measured: list[Json], trials: int) -> list[Json]:
    """Google Benchmark's fields around what was measured; `family_index` is the file's to give."""
    name = f"{cell.name}/iterations:1/repeats:{trials}/manual_time"
    return [
        {
            "name": name,
            "family_index": 0,
            "per_family_instance_index": 0,
            "run_name": name,
            "run_type": "iteration",
            "repetitions": trials,
            "repetition_index": index,
            "threads": 1,
            "iterations": 1,
            "cpu_time": row["real_time"],
            "time_unit": "us",
            **row,
        }
        for index, row in enumerate(measured)
    ]


def error_row(message: str) -> Json:
    return {"real_time": 0.0, "error_occurred": True, "error_message": message}


def measure_here(cell: Cell, options: argparse.Namespace, wait_for_turn: Callable[[], bool]) -> Json:
    """The child's part: {"context": …, "measured": […]}."""
    import torch
    from pytorch_step import in_words, machine_context, measure

    kind = options.device
    if kind == "auto":
        kind = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(kind)
    try:
        measured = measure(cell, options.trials, device, options.seed, wait_for_turn)
    except Exception as error:
        measured = [error_row(in_words(error))]
    return {"context": machine_context(device), "measured": measured}


def be_child(options: argparse.Namespace) -> None:
    """Tells its parent by a line when it is prepared, and goes on when it is told to by one."""
    parent = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever else prints, prints to the log

    def wait_for_turn() -> bool:
        print("prepared", file=parent, flush=True)
        if not sys.stdin.readline():
            sys.exit("its parent is gone")
        return options.prepare > 1

    write_whole(options.output, measure_here(Cell(**json.loads(options.child)), options, wait_for_turn))


class CellProcess:
    """Prepares its cell from the start, and measures it when asked to."""

    def __init__(self, cell: Cell, options: argparse.Namespace) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.result, self.log = (pathlib.Path(self.folder.name, name) for name in ("result.json", "log"))
        command = [
            sys.executable,
            __file__,
            f"--trials={options.trials}",
            f"--device={options.device}",
            f"--seed={options.seed}",
            f"--prepare={options.prepare}",
            f"--child={json.dumps(vars(cell))}",
            f"--output={self.result}",
        ]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)

    def wait_until_prepared(self) -> None:
        self.process.stdout.readline()  # empty where it has ended already

    def measure(self) -> Json:
        """As measure_here, but a crash is a row too; without a context then."""
        self.process.communicate(b"measure\n")
        ended = self.process.returncode
        if ended == 0 and self.result.exists():
            return json.loads(self.result.read_text("utf-8"))
        how = f"killed by {signal.Signals(-ended).name}" if ended < 0 else f"exit code {ended}"
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        last = f"; last output: {' | '.join(lines[-3:])[:600]}" if lines else ""
        return {"context": {}, "measured": [error_row(f"crashed: {how}{last}")]}

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.folder.cleanup()


def write_whole(path: pathlib.Path, content: Json) -> None:
    """Through links, into devices and pipes; a mount point, which no rename replaces, in place."""
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    # A byte of an argument that is no UTF-8 is half a character to Python, and to no reader of JSON.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if path.exists() and not path.is_file():
        path.write_text(text, "utf-8")
        return
    path = path.resolve()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        with beside.open("x", encoding="utf-8") as file:
            if path.exists():
                os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            file.write(text)
            file.flush()
            try:
                os.fsync(file.fileno())
            except OSError as error:  # not every mount can
                if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
                    raise
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.errno != errno.EBUSY:
            raise
        path.write_text(text, "utf-8")


class PeerFile:
    """A file of cells. Reads what is there; one that is no such file is a ValueError."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path, self.context = path, {}
        self.cells: dict[str, list[Json]] = {}  # by the rows' name
        if path.is_dir():
            raise ValueError("it is a directory")
        if not path.is_file():
            return
        try:
            content = json.loads(path.read_text("utf-8"))
        except RecursionError:
            raise ValueError("nested too deep") from None
        self.context = dict(content["context"])
        if not isinstance(self.context.get("command", ""), str):
            raise ValueError(f"its command {self.context['command']} is no text")
        for row in content["benchmarks"]:
            if not isinstance(row["name"], str) or not row["name"].startswith("peer/"):
                raise ValueError(f"row '{row['name']}' is no peer's")
            self.cells.setdefault(row["name"], []).append(row)

    def has(self, cell: Cell, trials: int) -> bool:
        rows = self.cells.get(rows_of(cell, [error_row("")], trials)[0]["name"], [])
        return len(rows) == trials and not any(row.get("error_occurred") for row in rows)

    def add(self, rows: list[Json], context: Json) -> None:
        """ValueError if another machine or software measured what is there."""
        known = [key for key in MACHINE_KEYS if context and key in self.context]
        for key in known:
            if context.get(key) != self.context[key]:
                raise ValueError(
                    f"its cells were measured with {key} {self.context[key]}, this one with {context.get(key)}"
                )
        commands = [c["command"] for c in (self.context, context) if "command" in c]
        self.context |= context
        if commands:
            self.context["command"] = " && ".join(dict.fromkeys(" && ".join(commands).split(" && ")))
        self.cells[rows[0]["name"]] = rows
        benchmarks = [row | {"family_index": i} for i, rows in enumerate(self.cells.values()) for row in rows]
        write_whole(self.path, {"context": self.context, "benchmarks": benchmarks})


def what_was_measured(arguments: list[str]) -> list[str]:
    """Without the names of files, which are their reader's affair."""
    of_files = ("-o", "--output", "--program")
    kept, name_follows = [], False
    for argument in arguments:
        if not name_follows and not argument.startswith(of_files):
            kept.append(argument)
        name_follows = argument in of_files
    return kept


def run_context(cells: list[Cell], options: argparse.Namespace, host: Json) -> Json:
    return {
        **{key: host[key] for key in ("cpu_name",) if key in host},
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "executable": "pytorch_peer.py",
        "num_cpus": os.cpu_count(),
        "git_commit": git_commit(),
        "seed": str(options.seed),
        "command": " ".join(["pytorch_peer.py", *what_was_measured(sys.argv[1:])]),
        **{f"model.{cell.model}": cell.spec for cell in cells},
    }


def outcome(rows: list[Json]) -> str:
    if rows[0].get("error_occurred"):
        return rows[0]["error_message"]
    return f"{statistics.median(row['real_time'] for row in rows) / 1e3:.3f} ms"


def run(cells: list[Cell], options: argparse.Namespace, host: Json) -> int:
    """`host` is transformer_bench's context."""
    if importlib.util.find_spec("torch") is None:
        return fail(f"{sys.executable} has no torch")
    try:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        file = PeerFile(options.output)
    except (ValueError, KeyError, TypeError, OSError) as error:
        return fail(f"{options.output}: not a file of peers: {error}")
    seed = file.context.get("seed", str(options.seed))
    if file.cells and seed != str(options.seed):
        return fail(
            f"{options.output}: its cells were measured with seed {seed}, not {options.seed}; name another file"
        )
    numbered = list(enumerate(cells, start=1))
    missing = [(number, cell) for number, cell in numbered if not file.has(cell, options.trials)]
    for number, cell in numbered:
        if (number, cell) not in missing:
            print(f"{number}/{len(cells)} {cell}: already there", flush=True)
    context, failed = run_context(cells, options, host), 0
    for first in range(0, len(missing), options.prepare):
        group = missing[first : first + options.prepare]
        start = time.monotonic()
        with contextlib.ExitStack() as stack:
            processes = [stack.enter_context(contextlib.closing(CellProcess(cell, options))) for _, cell in group]
            for process in processes:
                process.wait_until_prepared()
            if options.prepare > 1:
                print(f"prepared {len(group)} cells in {time.monotonic() - start:.0f} s", flush=True)
                start = time.monotonic()
            for (number, cell), process in zip(group, processes):
                result = process.measure()
                rows = rows_of(cell, result["measured"], options.trials)
                machine = result["context"]
                try:
                    file.add(rows, context | machine if machine else {})
                except ValueError as error:
                    return fail(f"{options.output}: {error}; name another file")
                except OSError as error:
                    return fail(f"{options.output}: cannot be written: {error}")
                failed += bool(rows[0].get("error_occurred"))
                print(
                    f"{number}/{len(cells)} {cell}: {outcome(rows)}, {time.monotonic() - start:.0f} s in all",
                    flush=True,
                )
                start = time.monotonic()
    return 1 if failed else 0


def fail(message: str) -> int:
    print(f"pytorch_peer.py: error: {message}", file=sys.stderr)
    return 2


def integer(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"'{text}' is no integer of at least {least}")
    return int(text)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        allow_abbrev=False, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for axis in AXES:
        parser.add_argument(
            axis.flag, metavar="LIST", default=axis.default, help=f"separated by commas (default: {axis.default})"
        )
    parser.add_argument(
        "--program",
        metavar="FILE",
        type=pathlib.Path,
        default=PROGRAM,
        help="the transformer_bench that says what there is to measure (default: this checkout's)",
    )
    parser.add_argument(
        "--trials",
        metavar="N",
        type=functools.partial(integer, least=1),
        default=10,
        help="timed steps of a cell (default: 10)",
    )
    parser.add_argument(
        "--prepare",
        metavar="N",
        type=functools.partial(integer, least=1),
        default=1,
        help="build, compile and warm up N cells at a time (default: 1)",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="(default: auto)")
    parser.add_argument(
        "--seed",
        metavar="N",
        type=functools.partial(integer, least=0),
        default=0,
        help="of weights and tokens (default: 0)",
    )
    parser.add_argument("-o", "--output", metavar="FILE", type=pathlib.Path, required=True, help="where the rows go")
    parser.add_argument("--child", help=argparse.SUPPRESS)  # the cell, as JSON, that this process is for
    return parser.parse_args()


def main() -> int:
    options = parse_arguments()
    if options.child is not None:
        be_child(options)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the children are then ended
    try:
        described = describe(options.program)
        cells = multiply([getattr(options, axis.flag.strip("-")) for axis in AXES], described["peers"])
    except ValueError as error:
        return fail(str(error))
    if options.prepare > 1 and any(cell.warmups == 0 for cell in cells):
        return fail("--prepare warms up: it has nothing for cells without warm-ups")
    try:
        return run(cells, options, described["context"])
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
