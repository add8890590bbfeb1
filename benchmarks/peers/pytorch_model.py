"""The Transformer of transformer-bench in PyTorch, with the same function, and the optimizer of its train_step."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from cells import ModelConfig
from torch import Tensor, nn

NORM_EPSILON = 1e-5
ROTARY_BASE = 10_000.0


class Linear(nn.Linear):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, bias=False)

    def reset_parameters(self) -> None:
        deviation = math.sqrt(2 / (self.in_features + self.out_features))
        nn.init.trunc_normal_(self.weight, std=deviation, a=-3 * deviation, b=3 * deviation)


def merged(*layers: Linear) -> Linear:
    """One layer, and so one GEMM, that gives the outputs of several of one input side by side."""
    with torch.device("meta"):
        one = Linear(layers[0].in_features, sum(layer.out_features for layer in layers))
    one.weight = nn.Parameter(torch.cat([layer.weight.detach() for layer in layers]))
    return one


class RMSNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        y = x.float()
        y = y * torch.rsqrt(y.square().mean(-1, keepdim=True) + NORM_EPSILON)
        return (y * self.weight.float()).to(x.dtype)  # the weight before the cast


class RotaryEmbedding(nn.Module):
    """Turns adjacent pairs of elements of [batch, heads, context, head size] by their position, in FP32."""

    def __init__(self, context: int, head_size: int) -> None:
        super().__init__()
        frequency = ROTARY_BASE ** (-torch.arange(0, head_size, 2).float() / head_size)
        angle = torch.outer(torch.arange(context).float(), frequency)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        even, odd = x.float().unflatten(-1, (-1, 2)).unbind(-1)
        turned = torch.stack((even * self.cos - odd * self.sin, even * self.sin + odd * self.cos), -1)
        return turned.flatten(-2).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, rotary: RotaryEmbedding, future: Tensor | None) -> None:
        super().__init__()
        self.heads, self.rotary = heads, rotary
        self.q_proj, self.k_proj, self.v_proj, self.output_proj = (Linear(width, width) for _ in range(4))
        self.qkv_proj: Linear | None = None  # instead of the first three, where they are merged
        # [context, context], true where a key is later than the query; none: one operator does it all.
        self.register_buffer("future", future, persistent=False)

    def merge_weights(self) -> None:
        self.qkv_proj = merged(self.q_proj, self.k_proj, self.v_proj)
        del self.q_proj, self.k_proj, self.v_proj

    def project(self, x: Tensor) -> tuple[Tensor, ...]:
        if self.qkv_proj is not None:
            return self.qkv_proj(x).chunk(3, -1)
        return self.q_proj(x), self.k_proj(x), self.v_proj(x)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # [batch, heads, context, head size]
            for part in self.project(x)
        )
        q, k = self.rotary(q), self.rotary(k)
        if self.future is None:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q @ k.mT / math.sqrt(q.shape[-1])).masked_fill(self.future, -math.inf)
            y = scores.softmax(-1, dtype=torch.float32).to(v.dtype) @ v
        return self.output_proj(y.transpose(1, 2).flatten(2))


class SwiGLU(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.w1, self.w2, self.w3 = Linear(width, inner), Linear(inner, width), Linear(width, inner)
        self.w13: Linear | None = None  # instead of w1 and w3, where they are merged

    def merge_weights(self) -> None:
        self.w13 = merged(self.w1, self.w3)
        del self.w1, self.w3

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.w13(x).chunk(2, -1) if self.w13 is not None else (self.w1(x), self.w3(x))
        return self.w2(F.silu(gate) * up)


class Block(nn.Module):
    def __init__(self, config: ModelConfig, rotary: RotaryEmbedding, future: Tensor | None) -> None:
        super().__init__()
        self.attn = Attention(config.d_model, config.heads, rotary, future)
        self.ffn = SwiGLU(config.d_model, config.d_ff)
        self.ln1, self.ln2 = RMSNorm(config.d_model), RMSNorm(config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln1(x))
        return x + self.ffn(self.ln2(x))


class Transformer(nn.Module):
    """Tokens [batch, context] to logits [batch, context, vocab]. Built on the default device."""

    def __init__(self, config: ModelConfig, context: int, write_scores: bool) -> None:
        super().__init__()
        rotary = RotaryEmbedding(context, config.d_model // config.heads)
        future = torch.ones(context, context, dtype=torch.bool).triu(1) if write_scores else None
        self.token_embeddings = nn.Embedding(config.vocab, config.d_model)
        nn.init.trunc_normal_(self.token_embeddings.weight, a=-3, b=3)
        self.layers = nn.ModuleList(Block(config, rotary, future) for _ in range(config.layers))
        self.ln_final = RMSNorm(config.d_model)
        self.lm_head = Linear(config.d_model, config.vocab)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.token_embeddings(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.ln_final(x))

    def merge_weights(self) -> None:
        """The same function with one GEMM for q, k and v, and one for w1 and w3."""
        for layer in self.layers:
            layer.attn.merge_weights()
            layer.ffn.merge_weights()

    def weights_to(self, dtype: torch.dtype) -> None:
        """Of the weights alone: rotary angles stay FP32."""
        for parameter in self.parameters():
            parameter.data = parameter.data.to(dtype)


class AdamW:
    """Steps FP32 parameters directly, those of other types through FP32 master weights. A CUDA graph can hold it."""

    CHUNK = 1 << 26  # elements whose gradients are FP32 at a time

    def __init__(self, parameters: list[nn.Parameter]) -> None:
        if all(parameter.dtype == torch.float32 for parameter in parameters):
            self.direct, self.chunks = self._optimizer(parameters), []
            return
        self.direct = None
        parts: list[list[nn.Parameter]] = [[]]
        for parameter in parameters:
            if parts[-1] and sum(p.numel() for p in parts[-1]) + parameter.numel() > self.CHUNK:
                parts.append([])
            parts[-1].append(parameter)
        longest = max(sum(p.numel() for p in part) for part in parts)
        gradients = torch.empty(longest, device=parameters[0].device)  # one buffer for all: a chunk follows another
        self.chunks = [self._chunk(part, gradients) for part in parts]

    def step(self) -> None:
        if self.direct is not None:
            self.direct.step()
        with torch.no_grad():
            for parameters, masters, optimizer in self.chunks:
                torch._foreach_copy_([m.grad for m in masters], [p.grad for p in parameters])
                optimizer.step()
                torch._foreach_copy_(parameters, masters)

    @staticmethod
    def _optimizer(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.AdamW(
            parameters,
            lr=1e-3,
            betas=(0.9, 0.999),
            eps=1e-8,
            weight_decay=0.01,
            fused=True,
            capturable=parameters[0].is_cuda,
        )

    @classmethod
    def _chunk(cls, parameters: list[nn.Parameter], gradients: Tensor):
        masters = [nn.Parameter(parameter.detach().float()) for parameter in parameters]
        sizes = [master.numel() for master in masters]
        for master, gradient in zip(masters, gradients[: sum(sizes)].split(sizes)):
            master.grad = gradient.view_as(master)
        return parameters, masters, cls._optimizer(masters)
