"""The gate on real measurements: silent where nothing changed, loud where a slow-down of 3 % was planted.

gate_gpu_test.py TRANSFORMER_BENCH SLOW_TRANSFORMER_BENCH TBENCH_GATE

Measures one GPU-bound case in pairs of fresh processes, in alternating order, and the slow build beside each pair.
Exits with 77 where there is no GPU.

The case is replayed from a CUDA graph, so that the host's noise is not in it, and takes well under half of an H100's power:
near the power limit the clock, and with it a process's median, has two levels 1 % apart. Before the first pair the GPU is
brought to the temperature of work: on a fresh machine the processes of the first ten seconds differ by 0.7 %.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile

PAIRS = 20
CASE = [
    "--models",
    "medium",
    "--contexts",
    "256",
    "--passes",
    "forward",
    "--launch",
    "graph",
    "--warmups",
    "2",
    "--ceilings",
    "off",
    "--device",
    "cuda",
]
TRIALS = 20
WARM_UP_TRIALS = 800  # 20 s on an H100
PLANTED = 0.03


def measure(program, path, slow_us=0, trials=TRIALS):
    """Runs the case in a process of its own and returns the median of its trials in microseconds."""
    environment = dict(os.environ, TBENCH_SLOW_US=str(slow_us))
    subprocess.run(
        [program, *CASE, "--trials", str(trials), "--benchmark_out=" + path],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with open(path) as file:
        rows = json.load(file)["benchmarks"]
    return statistics.median(row["real_time"] for row in rows if row["run_type"] == "iteration")


def main():
    bench, slow_bench, gate = sys.argv[1:]
    if subprocess.run([bench, *CASE, "--describe"], capture_output=True).returncode != 0:
        print("skipped: no GPU")
        return 77

    def alarm(baseline, contender, *flags):
        code = subprocess.run([gate, baseline, contender, *flags], capture_output=True).returncode
        assert code in (0, 1), "the gate could not compare"
        return code == 1

    ratios, false_alarms, found = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        warm = os.path.join(folder, "warm.json")
        slow_us = PLANTED * measure(bench, warm, trials=WARM_UP_TRIALS)
        for pair in range(PAIRS):
            a, b, slow = (os.path.join(folder, f"{name}{pair}.json") for name in ("a", "b", "slow"))
            medians = {path: measure(bench, path) for path in ([a, b] if pair % 2 == 0 else [b, a])}
            ratios.append(medians[b] / medians[a])
            false_alarms += alarm(a, b)
            slow_ratio = measure(slow_bench, slow, slow_us) / medians[a]
            found += alarm(a, slow, "--threshold", "2%")
            print(f"pair {pair}: B/A {ratios[-1]:.5f}, slow/A {slow_ratio:.5f}", flush=True)

    near = sum(abs(ratio - 1) <= 0.003 for ratio in ratios)
    print(
        f"A/A: medians within 0.3 % in {near} of {PAIRS} pairs, largest difference "
        f"{max(abs(ratio - 1) for ratio in ratios):.3%}; alarms at the gate's defaults: {false_alarms}"
    )
    print(f"slow-down of {PLANTED:.0%} planted, threshold 2 %: found in {found} of {PAIRS}")
    return 0 if near >= 0.95 * PAIRS and false_alarms == 0 and found == PAIRS else 1


if __name__ == "__main__":
    sys.exit(main())
