"""Holds what the C++ model computed against the reference: parity_test.py DUMP PRECISION ATTENTION [--device cuda].

The dump is torch::pickle_save of a Dict[str, Tensor], every tensor in its own type:
  config [vocab, d_model, d_ff, layers, heads]: int64
  tokens int64 [B, T+1]; weights/<parameter> before any step
  logits [B, T, V], loss, gradients/<parameter>: the first step's
  stepped/<parameter>: the model's weights after three AdamW steps on the same tokens; bf16 only: masters/<parameter>

Each tensor is judged by its relative distance ||a - b|| / ||b|| from the reference in FP64. The table shows beside it
how far the reference itself is off when it runs at the dump's precision.
Exit 0: all are within their bounds; 1: some are not; 2: this is no dump.
"""

import argparse
import math
import pickle
import sys

import torch
import torch.jit._pickle
from reference_model import Config, Trainer, Transformer, mean_loss
from torch import Tensor

PRECISIONS = ("fp32", "tf32", "bf16")
ATTENTIONS = ("naive", "sdpa")
STEPS = 3
EMBEDDING = "token_embeddings.weight"

# About 3 to 5 times the worst tensor of correct implementations against FP64 on a CPU: the reference and reorderings of
# it (complex rotary, split inner products, other softmax and loss) for `tiny` and `mini`, contexts 16 to 256.
#   fp32  unit roundoff 2^-24: logits 4e-7, gradients 1.1e-6, stepped 3.6e-6. FP32 rotary angles are off by t * 2^-24:
#         at context 1024 a correct program may exceed 1e-5.
#   tf32  2^-11, inputs rounded to nearest: logits 5.5e-4, gradients 1.3e-3. Should a GPU cut them off instead (2^-10,
#         all errors to one side): 2.2e-3 and 7.1e-3. BF16's logits (4.8e-3) would be found out.
#   bf16  2^-9 for every activation: logits 6.7e-3, gradients 1.4e-2; 24 layers deep 1.2e-2 and 3.2e-2.
# AdamW's first steps are about lr * sign(gradient): a gradient within its error of zero may flip a whole update. In
# FP32 its epsilon prevents that while gradients are small: with `tiny` and 4 * 128 tokens the worst stepped of 40 seeds
# was 3.3e-6, but with 2 * 32 tokens and a vocabulary of 200 one seed in 60 reached 2.6e-5. In BF16 one flip among the
# 64 weights of a norm is 0.25 of its update. In the weights it hardly shows, but neither would an optimizer that does
# nothing: so updates are judged too.
# Rows of tokens that do not occur only decay, at every precision in FP32; masters are copied back to the last bit.
BOUNDS = {
    "fp32": {"logits": 1e-5, "loss": 1e-5, "gradients": 1e-5, "stepped": 1e-5, "updates": 5e-4, "untouched": 1e-6},
    "tf32": {"logits": 4e-3, "loss": 1e-5, "gradients": 1.5e-2, "stepped": 5e-3, "updates": 0.3, "untouched": 1e-6},
    "bf16": {
        **{"logits": 2.5e-2, "loss": 3e-4, "gradients": 5e-2, "stepped": 1.5e-2, "updates": 0.5, "untouched": 1e-6},
        **{"masters": 1.5e-2, "copied": 0.0},
    },
}


def load(path: str) -> dict[str, Tensor]:
    # C++ marks its Dict with a type tag that torch.load refuses by default; the function behind it returns the dict.
    with torch.serialization.safe_globals([torch.jit._pickle.restore_type_tag]):
        return torch.load(path, map_location="cpu", weights_only=True)


def group(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {key.removeprefix(f"{name}/"): tensor for key, tensor in tensors.items() if key.startswith(f"{name}/")}


def run(
    dump: dict[str, Tensor], precision: str, attention: str, masters: bool, device: str = "cpu"
) -> dict[str, Tensor]:
    """The reference's own results at this precision, under the dump's keys; `masters`: those of the optimizer too."""
    tokens = dump["tokens"].to(device)
    model = Transformer(Config(*dump["config"].tolist()), precision, attention).to(device)
    model.load_state_dict(group(dump, "weights"))

    logits = model(tokens[:, :-1])
    loss = mean_loss(logits, tokens[:, 1:])
    loss.backward()
    results = {"logits": logits, "loss": loss}
    results |= {f"gradients/{name}": weight.grad for name, weight in model.named_parameters()}
    model.zero_grad()

    trainer = Trainer(model)
    for _ in range(STEPS):
        trainer.step(tokens)
    results |= {f"stepped/{name}": weight for name, weight in model.named_parameters()}
    if masters:
        results |= {f"masters/{name}": master for name, master in trainer.masters.items()}
    return {name: tensor.detach().cpu() for name, tensor in results.items()}


def judged(results: dict[str, Tensor], dump: dict[str, Tensor]) -> dict[str, Tensor]:
    """The results and what follows from them: updates, rows of tokens that do not occur, masters against copies."""
    weights, stepped, masters = group(dump, "weights"), group(results, "stepped"), group(results, "masters")
    final = masters or stepped
    updates = {name: weight.double() - weights[name].double() for name, weight in final.items()}
    occurs = torch.zeros(len(weights[EMBEDDING]), dtype=torch.bool)
    occurs[dump["tokens"][:, :-1]] = True
    updates[EMBEDDING] = updates[EMBEDDING][occurs]

    everything = {**results, f"untouched/{EMBEDDING}": final[EMBEDDING][~occurs]}
    everything |= {f"updates/{name}": update for name, update in updates.items()}
    everything |= {f"copied/{name}": stepped[name] - master.to(stepped[name].dtype) for name, master in masters.items()}
    return everything


def distance(a: Tensor, b: Tensor) -> float:
    if a.shape != b.shape:
        return math.inf
    difference, size = (a.double() - b.double()).norm().item(), b.double().norm().item()
    if difference == 0:
        return 0.0
    return difference / size if size and math.isfinite(difference) else math.inf


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dump", help="the file that the C++ program wrote")
    parser.add_argument("precision", choices=PRECISIONS)
    parser.add_argument("attention", choices=ATTENTIONS)
    parser.add_argument("--device", default="cpu", help="where the reference runs")
    arguments = parser.parse_args()
    precision = arguments.precision
    try:
        dump = load(arguments.dump)
        oracle, reference = (
            run(dump, p, arguments.attention, precision == "bf16", arguments.device) for p in ("fp64", precision)
        )
    except (OSError, RuntimeError, LookupError, TypeError, pickle.UnpicklingError) as error:
        parser.exit(2, f"{arguments.dump}: not a dump of the model: {error}\n")

    inputs = {"config", "tokens", *(f"weights/{name}" for name in group(dump, "weights"))}
    results = {name: tensor for name, tensor in dump.items() if name not in inputs}
    if mismatch := sorted(results.keys() ^ oracle.keys()):
        parser.exit(1, f"{arguments.dump}: missing or not expected: {', '.join(mismatch)}\n")

    expected, found, own = (judged(tensors, dump) for tensors in (oracle, results, reference))
    distances = {name: distance(found[name], expected[name]) for name in expected}
    bounds = {name: BOUNDS[precision][name.split("/")[0]] for name in expected}

    print(f"{precision}, {arguments.attention}, {Config(*dump['config'].tolist())}")
    print(f"{'group':<10} {'bound':>8} {'found':>8} {'own':>8}  worst tensor")
    for kind, bound in BOUNDS[precision].items():
        names = [name for name in expected if name.split("/")[0] == kind]
        worst = max(names, key=distances.get)
        print(f"{kind:<10} {bound:8.1e} {distances[worst]:8.1e} {distance(own[worst], expected[worst]):8.1e}  {worst}")

    above = [name for name in expected if distances[name] > bounds[name]]
    for name in above:
        print(f"above its bound: {name} {distances[name]:.2e} > {bounds[name]:.1e}")
    return 1 if above else 0


if __name__ == "__main__":
    torch.set_num_threads(1)  # tests run beside each other, and waiting threads would spin
    sys.exit(main())
