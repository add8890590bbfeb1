"""What there is to measure and what it is called: the names of benchmarks/names/peer.h."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
from typing import NamedTuple

IMPLEMENTATIONS = ("eager", "sdpa", "compile", "compile_graph", "max_autotune")
COMPILE_MODES = {"compile": None, "compile_graph": "reduce-overhead", "max_autotune": "max-autotune"}
PASSES = ("forward", "forward_backward", "train_step")
PRECISIONS = ("fp32", "tf32", "bf16")


class ModelConfig(NamedTuple):
    vocab: int
    d_model: int
    d_ff: int
    layers: int
    heads: int

    def __str__(self) -> str:  # as in the context of a run
        return ",".join(f"{key}:{value}" for key, value in self._asdict().items())


MODELS = {  # as in model/spec/config.h
    "tiny": ModelConfig(10_000, 64, 256, 2, 2),
    "mini": ModelConfig(10_000, 256, 1024, 4, 4),
    "small": ModelConfig(10_000, 768, 3072, 12, 12),
    "medium": ModelConfig(10_000, 1024, 4096, 24, 16),
    "large": ModelConfig(10_000, 1280, 5120, 36, 20),
    "xl": ModelConfig(10_000, 1600, 6400, 48, 25),
    "2.7B": ModelConfig(10_000, 2560, 10_240, 32, 32),
}


@dataclasses.dataclass(frozen=True)
class Cell:
    implementation: str
    model: str
    context: int
    pass_name: str
    precision: str
    batch: int
    warmups: int

    @property
    def name(self) -> str:
        return (
            f"peer/implementation:{self.implementation}/model:{self.model}/context:{self.context}/"
            f"pass:{self.pass_name}/precision:{self.precision}/batch:{self.batch}/warmups:{self.warmups}"
        )

    def __str__(self) -> str:
        return f"{self.model}, {self.context}, {self.pass_name}, {self.precision}, {self.implementation}"


class Axis(NamedTuple):
    flag: str
    default: str
    values: tuple[str, ...]  # empty: numbers from `least` on
    least: int = 1


# In the order of Cell's members.
AXES = (
    Axis("--implementations", "eager", IMPLEMENTATIONS),
    Axis("--models", "small", tuple(MODELS)),
    Axis("--contexts", "128,256", ()),
    Axis("--passes", "forward,forward_backward", PASSES),
    Axis("--precisions", "bf16", PRECISIONS),
    Axis("--batch", "4", ()),
    Axis("--warmups", "5", (), least=0),
)


def parse_list(axis: Axis, text: str) -> list[str] | list[int]:
    """The values of a comma-separated list; argparse.ArgumentTypeError for one that the axis does not have."""
    values = []
    for value in text.split(","):
        if axis.values:
            if value not in axis.values:
                raise argparse.ArgumentTypeError(f"unknown value '{value}'; there are {', '.join(axis.values)}")
            values.append(value)
        elif value.isdecimal() and int(value) >= axis.least:
            values.append(int(value))
        else:
            raise argparse.ArgumentTypeError(f"'{value}' is no integer of at least {axis.least}")
    return values


def multiply(values: list[list]) -> list[Cell]:
    return [Cell(*point) for point in itertools.product(*values)]
