#!/usr/bin/env python3
"""Prints a run in which steps are done in several ways, or its peers': made up, near to what an H100 gives.

make_variants.py run|peers
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "verdicts"))
from make_run import CONTEXT, copy, failed, gemm, launch, print_run, step  # noqa: E402

H100 = CONTEXT | {
    "gpu_name": "NVIDIA H100 80GB HBM3",
    "gpu_memory_bytes": "84942979072",
    "command": "tbench_sweep -o runs/variants",
    "model.medium": "vocab:10000,d_model:1024,d_ff:4096,layers:24,heads:16",
}


def trials(median_ms):
    """Ten around the median; the median of an even number is the middle of two."""
    return [
        round(median_ms * (1 + share), 4) for share in (0.012, 0.004, 0.001, -0.001, 0, 0, -0.002, 0.003, -0.003, 0.002)
    ]


def peer(implementation, model, context, precision, median_ms):
    name = (
        f"peer/implementation:{implementation}/model:{model}/context:{context}/pass:forward_backward/"
        f"precision:{precision}/batch:4/warmups:5/iterations:1/repeats:10/manual_time"
    )
    for index, time_ms in enumerate(trials(median_ms)):
        yield {
            "name": name,
            "repetitions": 10,
            "repetition_index": index,
            "real_time": 1000 * time_ms,
            "loss": 9.27,
            "end_to_end_us": 1000 * time_ms + 20,
        }


FUSED = {"attention": "sdpa", "kernels": "fused", "launch": "graph"}
BOTH = "forward_backward"

FAMILIES = [
    gemm("fp32", 8192, [21270.0, 21260.0, 21268.0, 21265.0, 21266.0]),
    gemm("bf16", 8192, [1413.0, 1411.0, 1414.0, 1412.0, 1413.0]),
    copy(1073741824, [711.0, 710.0, 711.0, 711.5, 710.5]),
    launch([1.21, 1.2, 1.2, 1.19, 1.2]),
    step("small", 128, BOTH, 1, trials(54.4)),
    step("small", 128, BOTH, 5, trials(53.7)),
    step("small", 128, BOTH, 5, trials(31.2), precision="bf16", attention="sdpa"),
    step("small", 128, BOTH, 5, trials(1.86), precision="bf16", **FUSED),
    step("small", 128, BOTH, 5, trials(4.61), precision="fp32x3", **FUSED),
    step("small", 128, "forward", 5, trials(23.6)),
    step("small", 128, "forward", 5, trials(0.71), precision="bf16", **FUSED),
    step("medium", 1024, BOTH, 5, trials(21.4), precision="bf16", **FUSED),
    step("2.7B", 256, BOTH, 5, trials(506.8)),
    step("2.7B", 256, BOTH, 5, trials(37.1), precision="bf16", **FUSED),
    step("2.7B", 1024, BOTH, 5, trials(137.6), precision="bf16", **FUSED),
    failed("2.7B", 1024, BOTH, 5, 10, "out_of_memory: CUDA out of memory. Tried to allocate 512.00 MiB."),
]

PEERS = [
    peer("eager", "small", 128, "fp32", 53.9),
    peer("eager", "small", 128, "bf16", 41.3),
    peer("compile", "small", 128, "bf16", 12.6),
    peer("compile_graph", "small", 128, "bf16", 3.86),
    peer("compile_graph", "medium", 1024, "bf16", 26.0),
    peer("compile_graph", "2.7B", 256, "bf16", 42.0),
]
OF_PEERS = {
    key: H100[key]
    for key in (
        "date",
        "device",
        "gpu_name",
        "gpu_memory_bytes",
        "driver_version",
        "cuda_version",
        "torch_version",
        "seed",
        "model.small",
        "model.medium",
        "model.2.7B",
    )
}

if __name__ == "__main__":
    print_run(*{"run": (H100, FAMILIES), "peers": (OF_PEERS, PEERS)}[sys.argv[1]])
