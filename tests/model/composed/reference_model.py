"""The model a second time, in plain PyTorch and from its specification alone, to hold the C++ one against.

Precisions: fp32, tf32 and bf16 are the benchmark's own; fp64 is the same mathematics with next to no rounding, the
oracle that the other three are measured by. TF32 products are emulated, so that every device gives the same answer.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ROTARY_BASE = 10_000.0
NORM_EPSILON = 1e-5
DTYPES = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16, "fp64": torch.float64}


class Config(NamedTuple):
    vocab: int
    d_model: int
    d_ff: int
    layers: int
    heads: int


def wide(x: Tensor) -> Tensor:
    """What norms, rotary, softmax, loss and master weights are computed in: at least FP32."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def to_tf32(x: Tensor) -> Tensor:
    """To the nearest number of 10 mantissa bits, ties away from zero: cvt.rna.tf32.f32 of the GPU."""
    return ((x.contiguous().view(torch.int32) + (1 << 12)) & ~((1 << 13) - 1)).view(torch.float32)


class Tf32Product(torch.autograd.Function):
    """a @ b of equal batch shapes, inputs in TF32 and sums in FP32, in both passes."""

    @staticmethod
    def forward(ctx, a: Tensor, b: Tensor) -> Tensor:
        a, b = to_tf32(a), to_tf32(b)
        ctx.save_for_backward(a, b)
        return a @ b

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor]:
        (a, b), gradient = ctx.saved_tensors, to_tf32(gradient)
        return gradient @ b.mT, a.mT @ gradient


class Linear(nn.Module):
    def __init__(self, inputs: int, outputs: int, product):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.product = product

    def forward(self, x: Tensor) -> Tensor:
        return self.product(x.flatten(0, -2), self.weight.mT).unflatten(0, x.shape[:-1])


class RmsNorm(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        y = wide(x)
        y = y * torch.rsqrt(y.square().mean(-1, keepdim=True) + NORM_EPSILON)
        return (y * wide(self.weight)).to(x.dtype)  # the weight before the cast back


def rotate(x: Tensor) -> Tensor:
    """Turns each adjacent pair (2j, 2j+1) of x [..., T, k] by its position t times base^(-2j/k)."""
    y = wide(x)
    length, width = x.shape[-2:]
    frequency = ROTARY_BASE ** (-torch.arange(0, width, 2, dtype=y.dtype, device=x.device) / width)
    angle = torch.arange(length, dtype=y.dtype, device=x.device)[:, None] * frequency  # [T, k/2]
    even, odd = y[..., 0::2], y[..., 1::2]
    turned = (even * angle.cos() - odd * angle.sin(), even * angle.sin() + odd * angle.cos())
    return torch.stack(turned, -1).flatten(-2).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, kind: str, product):
        super().__init__()
        self.heads, self.kind, self.product = heads, kind, product
        self.q_proj, self.k_proj, self.v_proj, self.output_proj = (Linear(width, width, product) for _ in range(4))

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # [B, h, T, k]

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = rotate(self.split(self.q_proj(x))), rotate(self.split(self.k_proj(x))), self.split(self.v_proj(x))
        # The fused operator's products cannot be emulated: TF32 always writes the scores out.
        if self.kind == "sdpa" and self.product is torch.matmul:
            heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = wide(self.product(q, k.mT)) / q.shape[-1] ** 0.5
            future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=x.device).triu(1)
            heads = self.product(scores.masked_fill(future, -torch.inf).softmax(-1).to(v.dtype), v)
        return self.output_proj(heads.transpose(1, 2).flatten(2))


class SwiGlu(nn.Module):
    def __init__(self, width: int, inner: int, product):
        super().__init__()
        self.w1, self.w3 = Linear(width, inner, product), Linear(width, inner, product)
        self.w2 = Linear(inner, width, product)

    def forward(self, x: Tensor) -> Tensor:
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class Block(nn.Module):
    def __init__(self, config: Config, attention: str, product):
        super().__init__()
        self.attn = Attention(config.d_model, config.heads, attention, product)
        self.ffn = SwiGlu(config.d_model, config.d_ff, product)
        self.ln1, self.ln2 = RmsNorm(config.d_model), RmsNorm(config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln1(x))
        return x + self.ffn(self.ln2(x))


class Transformer(nn.Module):
    """Its weights are to be loaded: only norms have initial values."""

    def __init__(self, config: Config, precision: str = "fp32", attention: str = "naive"):
        super().__init__()
        product = Tf32Product.apply if precision == "tf32" else torch.matmul
        self.token_embeddings = nn.Embedding(config.vocab, config.d_model)
        self.layers = nn.ModuleList(Block(config, attention, product) for _ in range(config.layers))
        self.ln_final = RmsNorm(config.d_model)
        self.lm_head = Linear(config.d_model, config.vocab, product)
        self.to(DTYPES[precision])

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.token_embeddings(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.ln_final(x))


def mean_loss(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(wide(logits).flatten(0, 1), targets.flatten())


class Trainer:
    """AdamW on masters in at least FP32. They start as the model's weights, and are copied back to them every step."""

    def __init__(self, model: Transformer):
        self.model = model
        self.masters = {name: wide(weight.detach()).clone() for name, weight in model.named_parameters()}
        self.optimizer = torch.optim.AdamW(
            self.masters.values(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01
        )

    def step(self, tokens: Tensor) -> Tensor:
        """One step on tokens [B, T+1]; returns the loss before it."""
        loss = mean_loss(self.model(tokens[:, :-1]), tokens[:, 1:])
        loss.backward()
        for name, weight in self.model.named_parameters():
            self.masters[name].grad = wide(weight.grad)
            weight.grad = None
        self.optimizer.step()
        self.model.load_state_dict(self.masters)  # rounds to the model's precision
        return loss.detach()
