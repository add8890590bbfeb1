"""What there is to measure, as transformer_bench describes it, and its names, those of benchmarks/names/peer.h."""

from __future__ import annotations

import dataclasses
import itertools
import json
import pathlib
import subprocess
from typing import Any, NamedTuple

Json = dict[str, Any]


class NotSupported(Exception):
    """What this project measures and this step has not."""


class ModelConfig(NamedTuple):
    vocab: int
    d_model: int
    d_ff: int
    layers: int
    heads: int


def parse_model(spec: str) -> ModelConfig:
    """Of "vocab:10000,d_model:768,…". NotSupported for a model with a number that says more."""
    numbers = {key: int(value) for key, value in (element.split(":") for element in spec.split(","))}
    if unknown := numbers.keys() - set(ModelConfig._fields):
        raise NotSupported(f"a model with {', '.join(sorted(unknown))}")
    return ModelConfig(**numbers)


@dataclasses.dataclass(frozen=True)
class Cell:
    implementation: str
    model: str
    context: int
    pass_name: str
    precision: str
    batch: int
    warmups: int
    # What the names mean.
    spec: str  # of the model
    backward: bool
    optimizer: bool

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
    described: str = ""  # where transformer_bench's description lists the values; empty: numbers from `least` on
    least: int = 1


# In the order of Cell's members.
AXES = (
    Axis("--implementations", "eager", "implementations"),
    Axis("--models", "small", "models"),
    Axis("--contexts", "128,256"),
    Axis("--passes", "forward,forward_backward", "passes"),
    Axis("--precisions", "bf16", "precisions"),
    Axis("--batch", "4"),
    Axis("--warmups", "5", least=0),
)


def describe(program: pathlib.Path) -> Json:
    """What transformer_bench says that "peers" may be asked for, and this host's "context". ValueError if it does not."""
    try:
        command = [program, "--describe", "--device=cpu", "--grid=quick"]
        done = subprocess.run(command, capture_output=True, text=True)
        description = json.loads(done.stdout)
        if not all(isinstance(description[key], dict) for key in ("context", "peers")):
            raise ValueError("it is no description")
        return description
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{program} does not describe what there is to measure ({error}); benchmarks/run builds it"
        raise ValueError(reason) from error


def parse_list(axis: Axis, text: str, described: Json) -> list[str] | list[int]:
    """The values of a comma-separated list; ValueError for one that the axis does not have."""
    values = []
    for value in text.split(","):
        if axis.described:
            known = described[axis.described]
            if value not in known:
                raise ValueError(f"{axis.flag}: unknown value '{value}'; there are {', '.join(known)}")
            values.append(value)
        elif value.isdecimal() and int(value) >= axis.least:
            values.append(int(value))
        else:
            raise ValueError(f"{axis.flag}: '{value}' is no integer of at least {axis.least}")
    return values


def multiply(lists: list[str], described: Json) -> list[Cell]:
    """The cells of a list for each axis; ValueError as of parse_list."""
    cells = []
    for point in itertools.product(*(parse_list(axis, text, described) for axis, text in zip(AXES, lists))):
        _, model, _, pass_name, *_ = point
        cells.append(Cell(*point, spec=described["models"][model], **described["passes"][pass_name]))
    return cells
