"""One cell: builds its step, times its trials and tells them as rows of Google Benchmark's JSON."""

from __future__ import annotations

import ctypes
import math
import time
from typing import Any, Callable, NamedTuple

import torch
import torch.nn.functional as F
from cells import Cell, ModelConfig, NotSupported, parse_model
from pytorch_model import AdamW, Transformer
from torch.nn.attention import SDPBackend

Row = dict[str, Any]


class Implementation(NamedTuple):
    writes_scores: bool = False
    compiled: bool = False  # the model
    mode: str | None = None  # of torch.compile
    has_graphs: bool = False  # by torch.compile
    whole_graph: bool = False  # model and loss are compiled, and one CUDA graph holds the step
    merged: bool = False  # one GEMM for q, k and v, and one for w1 and w3


# What each of benchmarks/names/peer.h is here.
IMPLEMENTATIONS = {
    "eager": Implementation(writes_scores=True),
    "sdpa": Implementation(),
    "compile": Implementation(compiled=True),
    "compile_graph": Implementation(compiled=True, mode="reduce-overhead", has_graphs=True),
    "max_autotune": Implementation(compiled=True, mode="max-autotune", has_graphs=True),
    "whole_graph": Implementation(whole_graph=True),
    "merged_graph": Implementation(whole_graph=True, merged=True),
}
CAPTURE_STEPS = 3  # before a capture: they compile, and set up what a capture may not
BACKENDS = {
    SDPBackend.MATH: "math",
    SDPBackend.FLASH_ATTENTION: "flash",
    SDPBackend.EFFICIENT_ATTENTION: "efficient",
    SDPBackend.CUDNN_ATTENTION: "cudnn",
}
WEIGHTS = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16}  # by precision


class NumericsError(Exception):
    pass


def in_words(error: Exception) -> str:
    """The error as a run's JSON spells it: its kind, then its words in one line."""
    kinds = {torch.OutOfMemoryError: "out_of_memory", NotSupported: "not_supported", NumericsError: "numerics"}
    text = " ".join(str(error).split())[:500]
    if "out of memory" in text or "ALLOC_FAILED" in text:
        return f"out_of_memory: {text}"
    return f"{kinds.get(type(error), 'failed')}: {text or type(error).__name__}"


def attention_backend(config: ModelConfig, cell: Cell, device: torch.device) -> str:
    """What scaled_dot_product_attention dispatches to for this step's q, k and v."""
    shape = (cell.batch, cell.context, config.heads, config.d_model // config.heads)
    q = torch.empty(shape, device=device, dtype=WEIGHTS[cell.precision], requires_grad=True).transpose(1, 2)
    return BACKENDS.get(SDPBackend(torch._fused_sdp_choice(q, q, q, None, 0.0, True)), "unknown")


class Step:
    """The same as transformer_bench's: the loss is part of every pass, and autograd records."""

    def __init__(self, cell: Cell, device: torch.device, seed: int) -> None:
        config = parse_model(cell.spec)
        implementation, weights = IMPLEMENTATIONS.get(cell.implementation), WEIGHTS.get(cell.precision)
        if implementation is None or weights is None:
            raise NotSupported(f"implementation:{cell.implementation} with precision:{cell.precision}")
        on_cpu = device.type == "cpu"
        if on_cpu and (cell.precision == "tf32" or implementation.has_graphs or implementation.whole_graph):
            what = "precision:tf32" if cell.precision == "tf32" else f"implementation:{cell.implementation}"
            raise NotSupported(f"{what} needs a GPU")
        torch.set_float32_matmul_precision("high" if cell.precision == "tf32" else "highest")
        torch.manual_seed(seed)
        with device:
            self.model = Transformer(config, cell.context, write_scores=implementation.writes_scores)
            tokens = torch.randint(config.vocab, (cell.batch, cell.context + 1))
        if implementation.merged:
            self.model.merge_weights()
        self.model.weights_to(weights)
        self.inputs, self.targets = tokens[:, :-1].contiguous(), tokens[:, 1:].flatten()
        self.parameters = list(self.model.parameters())
        self.optimizer = AdamW(self.parameters) if cell.optimizer else None
        self.backward = cell.backward
        self.forward: Callable[[torch.Tensor], torch.Tensor] = self.model
        if implementation.compiled:
            self.forward = torch.compile(self.model, mode=implementation.mode)
        self.has_graphs = implementation.has_graphs
        self.loss: torch.Tensor | None = None
        self.label = ""
        if not implementation.writes_scores:
            self.label = f"attention_backend:{attention_backend(config, cell, device)}"
        self.compute_loss: Callable[[], torch.Tensor] = self._loss
        self.steps = 0
        self.graph: torch.cuda.CUDAGraph | None = None
        self.capture_bytes: int | None = None  # allocated at the peak of a capture: a replay allocates nothing
        if implementation.whole_graph:
            self.compute_loss = torch.compile(self._loss, dynamic=False)
            self._capture()

    def __call__(self) -> None:
        self.steps += 1
        if self.graph is not None:
            self.graph.replay()
        else:
            self._run()

    def _loss(self) -> torch.Tensor:
        return F.cross_entropy(self.forward(self.inputs).flatten(0, 1).float(), self.targets)

    def _capture(self) -> None:
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(CAPTURE_STEPS):
                self()
        torch.cuda.current_stream().wait_stream(side)
        torch.cuda.synchronize()
        torch.cuda.empty_cache()  # a graph has memory of its own
        torch.cuda.reset_peak_memory_stats()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._run()
        self.graph, self.capture_bytes = graph, torch.cuda.max_memory_allocated()

    def _run(self) -> None:
        if self.has_graphs:  # else a forward pass whose backward never comes keeps off the graphs
            torch.compiler.cudagraph_mark_step_begin()
        loss = self.compute_loss()
        if self.backward:
            loss.backward()
        if self.optimizer is not None:
            self.optimizer.step()
        for parameter in self.parameters:
            parameter.grad = None
        self.loss = loss.detach()


class HostTimer:
    def time(self, step: Step) -> dict[str, float]:
        start = time.perf_counter()
        step()
        elapsed = 1e6 * (time.perf_counter() - start)
        return {"real_time": elapsed, "end_to_end_us": elapsed}

    def synchronize(self) -> None:
        pass


class CudaTimer:
    """A trial by transformer_bench's procedure: from an event before the step to one after it, on a drained stream."""

    def __init__(self) -> None:
        self.start, self.stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        self.spark = torch.zeros(1, device="cuda")

    def time(self, step: Step) -> dict[str, float]:
        torch.cuda.reset_peak_memory_stats()
        torch.cuda.synchronize()
        self.spark.zero_()  # the host's first launch after a long wait is slow, and would be timed: this one is that
        begin = time.perf_counter()
        self.start.record()
        step()
        enqueued = time.perf_counter()
        self.stop.record()
        self.stop.synchronize()
        end = time.perf_counter()
        return {
            "real_time": 1e3 * self.start.elapsed_time(self.stop),
            "enqueue_us": 1e6 * (enqueued - begin),
            "end_to_end_us": 1e6 * (end - begin),
            "peak_allocated_bytes": float(torch.cuda.max_memory_allocated()),
            "peak_reserved_bytes": float(torch.cuda.max_memory_reserved()),
        }

    def synchronize(self) -> None:
        torch.cuda.synchronize()


# Of steps after a pause: the first ones would find the host slow and the GPU cool.
SETTLING_SECONDS = 1.0


def settle(step: Step, timer: HostTimer | CudaTimer) -> None:
    end = time.perf_counter() + SETTLING_SECONDS
    while time.perf_counter() < end:
        step()
        timer.synchronize()


def measure(cell: Cell, trials: int, device: torch.device, seed: int, wait_for_turn: Callable[[], bool]) -> list[Row]:
    """A row a trial; `wait_for_turn`, called once, before the first, tells whether it paused. What fails is raised."""
    timer = HostTimer() if device.type == "cpu" else CudaTimer()
    begin = time.perf_counter()
    step = Step(cell, device, seed)
    timer.synchronize()
    built = time.perf_counter()
    for _ in range(cell.warmups):  # torch.compile compiles in the first
        step()
    timer.synchronize()
    warm = time.perf_counter()
    if wait_for_turn():
        settle(step, timer)

    rows = []
    for _ in range(trials):
        steps_before = step.steps
        row = timer.time(step)
        if step.capture_bytes is not None:
            row["peak_allocated_bytes"] = float(step.capture_bytes)
        row["tokens_per_second"] = cell.batch * cell.context / (1e-6 * row["real_time"])
        row["steps_before"] = float(steps_before)
        row["loss"] = step.loss.item()
        if step.label:
            row["label"] = step.label
        if not math.isfinite(row["loss"]):
            raise NumericsError(f"the loss of trial {len(rows)} is {row['loss']}")
        rows.append(row)
    rows[0] |= {"setup_us": 1e6 * (built - begin), "warmup_us": 1e6 * (warm - built)}
    return rows


def driver_version() -> str | None:
    try:
        nvml = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return None
    version = ctypes.create_string_buffer(96)
    if nvml.nvmlInit_v2() != 0 or nvml.nvmlSystemGetDriverVersion(version, len(version)) != 0:
        return None
    return version.value.decode()


def gpu_uuid(gpu: Any) -> str:
    """As benchmarks/torch/gpu_uuid.h spells it."""
    return f"{'MIG' if ' MIG ' in gpu.name else 'GPU'}-{gpu.uuid}"


def machine_context(device: torch.device) -> dict[str, str]:
    """The machine and the software, by the keys of a run's context; its CPU's name is transformer_bench's to tell."""
    context = {
        "device": device.type,
        "torch_version": torch.__version__.split("+")[0],
        "threads": str(torch.get_num_threads()),
    }
    if device.type == "cuda":
        gpu = torch.cuda.get_device_properties(device)
        context |= {
            "gpu_name": gpu.name,
            "gpu_uuid": gpu_uuid(gpu),
            "gpu_count": str(torch.cuda.device_count()),
            "gpu_memory_bytes": str(gpu.total_memory),
            "sm_count": str(gpu.multi_processor_count),
            "cuda_version": str(torch.version.cuda),
            "cudnn_version": str(torch.backends.cudnn.version()),
        }
        if (driver := driver_version()) is not None:
            context["driver_version"] = driver
    return context
