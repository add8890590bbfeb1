#!/usr/bin/env python3
"""Prints a run in which every verdict has something to say: made up, but with the counters that a GPU's run has."""

import json

CONTEXT = {
    "date": "2025-06-01T12:00:00+00:00",
    "executable": "transformer_bench",
    "num_cpus": 16,
    "library_build_type": "release",
    "cpu_name": "Intel(R) Xeon(R) Processor",
    "cuda_version": "13.0",
    "cudnn_version": "91900",
    "device": "cuda",
    "driver_version": "580.95.05",
    "git_commit": "0123456789abcdef0123456789abcdef01234567",
    "gpu_count": "1",
    "gpu_memory_bytes": "150109880320",
    "gpu_name": "NVIDIA H200",
    "max_sm_clock_mhz": "1980",
    "sm_count": "132",
    "seed": "0",
    "tbench_version": "0.1.0",
    "threads": "16",
    "torch_version": "2.11.0",
    "command": "tbench_sweep --models small,2.7B --profile -o runs/made-up",
    "model.small": "vocab:10000,d_model:768,d_ff:3072,layers:12,heads:12",
    "model.2.7B": "vocab:10000,d_model:2560,d_ff:10240,layers:32,heads:32",
}

COOL = {
    "sm_clock_mhz": 1980,
    "power_watts": 310,
    "temperature_celsius": 41,
    "throttle_reasons": 0,
    "other_processes": 0,
}
ASLEEP = COOL | {"sm_clock_mhz": 345, "power_watts": 78, "temperature_celsius": 31, "throttle_reasons": 1}
HOT = COOL | {
    "sm_clock_mhz": 1455,
    "power_watts": 699,
    "temperature_celsius": 84,
    "throttle_reasons": 0x24,
    "other_processes": 1,
}


def state(moment, reading):
    unit = {
        "sm_clock_mhz": "sm_clock_{}_mhz",
        "power_watts": "power_{}_watts",
        "temperature_celsius": "temperature_{}_celsius",
    }
    return {unit.get(key, key + "_{}").format(moment): float(value) for key, value in reading.items()}


def profile(step_ms, kernels, **classes_ms):
    busy = sum(classes_ms.values())
    return {
        "profile_kernels": float(kernels),
        "profile_busy_us": 1000 * busy,
        "profile_span_us": 995 * step_ms,
        "profile_step_us": 1000 * step_ms,
    } | {f"profile_{name}_us": 1000 * ms for name, ms in classes_ms.items()}


def step(
    model,
    context,
    direction,
    warmups,
    times_ms,
    precision="fp32",
    attention="naive",
    kernels="composed",
    launch="eager",
    before=COOL,
    after=COOL,
    last=None,
    **every,
):
    """Counters of `every` are per trial; those that end in _share are of the trial's time."""
    name = (
        f"transformer_step/model:{model}/context:{context}/pass:{direction}/precision:{precision}/attention:{attention}/"
        f"kernels:{kernels}/launch:{launch}/batch:4/warmups:{warmups}/iterations:1/repeats:{len(times_ms)}/manual_time"
    )
    for index, time_ms in enumerate(times_ms):
        counters = {"steps_before": float(warmups + index), "loss": 9.27}
        for key, value in every.items():
            share = key.endswith("_share")
            counters[key.replace("_share", "_us") if share else key] = 1000 * time_ms * value if share else float(value)
        if index == 0:
            counters |= state("before", before) | {"setup_us": 65000.0, "warmup_us": 1000.0 * warmups}
        if index == len(times_ms) - 1:
            counters |= state("after", after) | (last or {})
        yield {
            "name": name,
            "repetitions": len(times_ms),
            "repetition_index": index,
            "real_time": 1000 * time_ms,
        } | counters


def failed(model, context, direction, warmups, trials, message):
    for row in step(model, context, direction, warmups, [1] * trials):
        yield {key: row[key] for key in ("name", "repetitions", "repetition_index")} | {
            "real_time": 0.0,
            "error_occurred": True,
            "error_message": message,
        }


def ceiling(name, times_us, **counters):
    for index, time_us in enumerate(times_us):
        rates = {key: value(time_us) if callable(value) else value for key, value in counters.items()}
        yield {
            "name": f"ceiling/{name}/iterations:1/repeats:{len(times_us)}/manual_time",
            "repetitions": len(times_us),
            "repetition_index": index,
            "real_time": time_us,
        } | rates


def gemm(precision, size, times_us):
    return ceiling(f"gemm/precision:{precision}/size:{size}", times_us, flops_per_second=lambda us: 2e6 * size**3 / us)


def copy(size, times_us):
    return ceiling(f"copy/bytes:{size}", times_us, bytes_per_second=lambda us: 2e6 * size / us)


def launch(times_us):
    return ceiling("launch", times_us, enqueue_us=2.1, trial_us=6.4)


FAMILIES = [
    gemm("fp32", 4096, [2810.0, 2805.0, 2807.0, 2806.0, 2808.0]),
    gemm("fp32", 8192, [21480.0, 21460.0, 21475.0, 21470.0, 21472.0]),
    gemm("tf32", 8192, [2720.0, 2705.0, 2710.0, 2708.0, 2709.0]),
    gemm("bf16", 8192, [1530.0, 1525.0, 1528.0, 1527.0, 1526.0]),
    copy(1073741824, [512.0, 510.0, 511.0, 511.0, 510.5]),
    launch([1.21, 1.2, 1.2, 1.19, 1.2]),
    step(
        "small",
        128,
        "forward",
        0,
        [228.1, 7.6, 7.2, 7.1, 7.0, 7.1, 7.0, 7.1],
        before=ASLEEP,
        enqueue_share=0.99,
        peak_allocated_bytes=1149949952,
        peak_reserved_bytes=1172307968,
    ),
    step(
        "small",
        128,
        "forward",
        5,
        [7.01, 7.05, 6.98, 7.03, 7.02, 7.04, 7.0, 9.4],
        enqueue_share=0.995,
        peak_allocated_bytes=1149949952,
        peak_reserved_bytes=1172307968,
        last=profile(7.6, 843, matmul=3.1, softmax=0.2, norm=0.3, elementwise=0.9, reduction=0.1, copy=0.2),
    ),
    step(
        "small",
        128,
        "forward",
        5,
        [0.1, 0.11, 0.1, 0.1, 0.1, 0.09, 0.1, 0.1],
        precision="bf16",
        attention="sdpa",
        enqueue_share=0.6,
        peak_allocated_bytes=612368384,
        peak_reserved_bytes=641728512,
    ),
    step(
        "2.7B",
        256,
        "forward_backward",
        5,
        [499.7, 499.6, 499.8, 512.0, 584.9, 588.1, 590.2, 591.0],
        after=HOT,
        enqueue_share=0.8,
        forward_share=0.33,
        backward_share=0.665,
        peak_allocated_bytes=27483634688,
        peak_reserved_bytes=34179383296,
    ),
    step(
        "2.7B",
        256,
        "train_step",
        5,
        [543.1, 543.3, 543.0, 542.9, 543.2, 543.1, 543.4, 543.0],
        enqueue_share=0.75,
        forward_share=0.31,
        backward_share=0.62,
        optimizer_share=0.07,
        peak_allocated_bytes=54900000000,
        peak_reserved_bytes=61500000000,
        last=profile(
            544.0,
            5210,
            matmul=455.0,
            softmax=4.0,
            norm=9.5,
            elementwise=24.0,
            reduction=5.0,
            optimizer=38.0,
            copy=3.5,
            other=1.0,
        ),
    ),
    failed(
        "2.7B",
        4096,
        "train_step",
        5,
        8,
        "out_of_memory: CUDA out of memory. Tried to allocate 8.00 GiB. GPU 0 has a "
        "total capacity of 139.80 GiB of which 3.11 GiB is free.",
    ),
    gemm("fp32", 8192, [22410.0, 22380.0, 22400.0, 22395.0, 22390.0]),
    copy(1073741824, [513.0, 512.0, 511.0, 512.0, 512.5]),
    launch([1.2, 1.2, 1.21, 1.2, 1.2]),
]


def print_run(context, families):
    lines = []
    for family, rows in enumerate(families):
        for row in rows:
            lines.append(
                json.dumps(
                    {
                        "name": row["name"],
                        "family_index": family,
                        "per_family_instance_index": 0,
                        "run_name": row["name"],
                        "run_type": "iteration",
                        "threads": 1,
                        "iterations": 1,
                        "cpu_time": row["real_time"],
                        "time_unit": "us",
                    }
                    | row
                )
            )
    print('{"context": ' + json.dumps(context) + ',\n"benchmarks": [\n' + ",\n".join(lines) + "\n]}")


if __name__ == "__main__":
    print_run(CONTEXT, FAMILIES)
