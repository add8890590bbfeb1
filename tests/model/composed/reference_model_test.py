"""Checks of the reference itself, and that the parity test fails when it should."""

import cmath
import contextlib
import copy
import io
import math
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import parity_test
import torch
from reference_model import Attention, Config, RmsNorm, SwiGlu, Trainer, Transformer, mean_loss, rotate, to_tf32
from torch import Tensor

TINY = Config(vocab=10_000, d_model=64, d_ff=256, layers=2, heads=2)
SMALL_VOCAB = TINY._replace(vocab=50)


def make_model(config: Config, precision: str = "fp32", attention: str = "naive") -> Transformer:
    """The same weights at every precision but for their rounding."""
    model, generator = Transformer(config, precision, attention), torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            draw = torch.randn(weight.shape, generator=generator)
            if name == parity_test.EMBEDDING:
                weight.copy_(draw)
            elif weight.dim() == 2:
                weight.copy_(draw * math.sqrt(2 / sum(weight.shape)))
            else:
                weight.copy_(1 + 0.2 * draw)  # a weight of 1 would hide a norm that leaves it out
    return model


def make_tokens(config: Config, batch: int = 2, context: int = 16) -> Tensor:
    return torch.randint(config.vocab, (batch, context + 1), generator=torch.Generator().manual_seed(2))


class ReferenceModel(unittest.TestCase):
    def test_has_the_specified_names_and_number_of_parameters(self):
        counts = {
            Config(10_000, 64, 256, 2, 2): 1_411_392,
            Config(10_000, 256, 1024, 4, 4): 9_316_608,
            Config(10_000, 768, 3072, 12, 12): 128_625_408,
            Config(10_000, 2560, 10_240, 32, 32): 3_406_809_600,
        }
        for config, count in counts.items():
            with torch.device("meta"):
                self.assertEqual(sum(weight.numel() for weight in Transformer(config).parameters()), count)

        block = {f"attn.{name}_proj.weight": (64, 64) for name in ("q", "k", "v", "output")}
        block |= {"ffn.w1.weight": (256, 64), "ffn.w2.weight": (64, 256), "ffn.w3.weight": (256, 64)}
        block |= {"ln1.weight": (64,), "ln2.weight": (64,)}
        expected = {f"layers.{i}.{name}": shape for i in range(2) for name, shape in block.items()}
        expected |= {name: (10_000, 64) for name in ("token_embeddings.weight", "lm_head.weight")}
        expected |= {"ln_final.weight": (64,)}
        shapes = {name: tuple(weight.shape) for name, weight in Transformer(TINY).named_parameters()}
        self.assertEqual(shapes, expected)

    def test_a_later_token_changes_no_earlier_logit(self):
        tokens = make_tokens(SMALL_VOCAB)[:, :-1]
        changed = tokens.clone()
        changed[:, 9] = (changed[:, 9] + 1) % SMALL_VOCAB.vocab
        for attention in parity_test.ATTENTIONS:
            model = make_model(SMALL_VOCAB, attention=attention)
            difference = (model(tokens) - model(changed)).abs().amax((0, 2))
            self.assertEqual(difference[:9].max(), 0)
            self.assertGreater(difference[9:].min(), 1e-3)

    def test_every_parameter_has_a_gradient_of_the_models_type(self):
        tokens = make_tokens(SMALL_VOCAB)
        for precision in (*parity_test.PRECISIONS, "fp64"):
            model = make_model(SMALL_VOCAB, precision)
            mean_loss(model(tokens[:, :-1]), tokens[:, 1:]).backward()
            for name, weight in model.named_parameters():
                self.assertEqual(weight.grad.dtype, weight.dtype)
                self.assertGreater(weight.grad.count_nonzero() / weight.numel(), 0.4, name)

    def test_naive_and_sdpa_agree(self):
        tokens = make_tokens(SMALL_VOCAB)[:, :-1]
        naive, sdpa = (make_model(SMALL_VOCAB, "fp64", attention)(tokens) for attention in parity_test.ATTENTIONS)
        self.assertLess(parity_test.distance(naive, sdpa), 1e-13)

    def test_uniform_attention_averages_the_values_so_far(self):
        attention = Attention(4, 2, "naive", torch.matmul)
        with torch.no_grad():
            for projection in (attention.v_proj, attention.output_proj):
                projection.weight.copy_(torch.eye(4))
            attention.q_proj.weight.zero_()
            attention.k_proj.weight.normal_()
        x = torch.tensor([[[1.0, 2, 3, 4], [3.0, 2, 1, 0], [2.0, 2, 5, 8]]])
        torch.testing.assert_close(attention(x), torch.tensor([[[1.0, 2, 3, 4], [2.0, 2, 2, 2], [2.0, 2, 3, 4]]]))

    def test_swiglu_gates_w3_by_silu_of_w1(self):
        ffn = SwiGlu(2, 1, torch.matmul)
        with torch.no_grad():
            ffn.w1.weight.copy_(torch.tensor([[1.0, 1.0]]))
            ffn.w3.weight.copy_(torch.tensor([[2.0, -1.0]]))
            ffn.w2.weight.copy_(torch.tensor([[1.0], [-4.0]]))
        gated = 4 / (1 + math.exp(-4)) * 5  # w1 x = 4, w3 x = 5
        torch.testing.assert_close(ffn(torch.tensor([[[3.0, 1.0]]])), torch.tensor([[[gated, -4 * gated]]]))

    def test_blocks_add_to_an_embedding_that_is_normed_at_the_end(self):
        model = make_model(SMALL_VOCAB, "fp64")
        with torch.no_grad():
            for layer in model.layers:
                layer.attn.output_proj.weight.zero_()
                layer.ffn.w2.weight.zero_()
        tokens = make_tokens(SMALL_VOCAB)
        x = model.token_embeddings.weight[tokens]
        x = x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt() * model.ln_final.weight
        torch.testing.assert_close(model(tokens), x @ model.lm_head.weight.T)

    def test_loss_of_constant_logits_is_the_logarithm_of_the_vocabulary(self):
        loss = mean_loss(torch.full((2, 3, 50), 7.0, dtype=torch.bfloat16), torch.zeros(2, 3, dtype=torch.int64))
        self.assertEqual(loss.dtype, torch.float32)
        self.assertAlmostEqual(loss.item(), math.log(50), places=6)


class RmsNormOfTheReference(unittest.TestCase):
    def test_equals_hand_computed_numbers(self):
        norm = RmsNorm(2)
        with torch.no_grad():
            norm.weight.copy_(torch.tensor([2.0, -1.0]))
        # The mean square of 3 and 4 is 12.5, that of 0.003 and 0.004 is 1.25e-5: there epsilon counts.
        expected = [[6 / math.sqrt(12.50001), -4 / math.sqrt(12.50001)], [0.006 / 2.25e-5**0.5, -0.004 / 2.25e-5**0.5]]
        torch.testing.assert_close(norm(torch.tensor([[3.0, 4.0], [0.003, 0.004]])), torch.tensor(expected))

    def test_multiplies_before_it_rounds_to_bf16(self):
        norm = RmsNorm(2).to(torch.bfloat16)
        with torch.no_grad():
            norm.weight.copy_(torch.tensor([1.0, 1.2578125]))
        # 1.2578125 * 6 / sqrt(26) = 1.48006, between 189/128 and 190/128; had the norm been rounded first, to 151/128,
        # it would be 1.48383 and end at the latter.
        self.assertEqual(norm(torch.tensor([4.0, 6.0], dtype=torch.bfloat16))[1], 189 / 128)


class RotaryOfTheReference(unittest.TestCase):
    def test_turns_adjacent_pairs_by_hand_computed_angles(self):
        # k = 4: frequencies 1 and 10000^(-1/2) = 0.01. As complex numbers the pairs are 1 and 3 + 2i.
        turned = [(cmath.exp(1j * t), (3 + 2j) * cmath.exp(0.01j * t)) for t in range(3)]
        expected = torch.view_as_real(torch.tensor(turned, dtype=torch.complex128)).flatten(1)
        torch.testing.assert_close(rotate(torch.tensor([1.0, 0, 3, 2], dtype=torch.float64).expand(3, 4)), expected)

    def test_keeps_lengths_and_knows_only_the_distance(self):
        q, k = (torch.randn(8, dtype=torch.float64).expand(20, 8) for _ in range(2))
        torch.testing.assert_close(rotate(q).norm(dim=-1), q.norm(dim=-1))
        products = rotate(q) @ rotate(k).T
        for shift in (-7, 0, 1, 12):
            diagonal = products.diagonal(shift)
            torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal))
        self.assertGreater((products.diagonal(0)[0] - products.diagonal(1)[0]).abs(), 1e-3)


class Tf32OfTheReference(unittest.TestCase):
    def test_keeps_ten_bits_of_the_mantissa(self):
        unit = 2.0**-10
        x = torch.tensor([1 + unit, 1 + 0.49 * unit, 1 + 0.5 * unit, -1 - 0.51 * unit, 0.0])
        self.assertEqual(to_tf32(x).tolist(), [1 + unit, 1.0, 1 + unit, -1 - unit, 0.0])

    def test_rounds_the_products_of_both_passes(self):
        tokens = make_tokens(SMALL_VOCAB)
        gradients = {}
        for precision in ("tf32", "fp64"):
            model = make_model(SMALL_VOCAB, precision)
            mean_loss(model(tokens[:, :-1]), tokens[:, 1:]).backward()
            gradients[precision] = {name: weight.grad for name, weight in model.named_parameters()}
        for name, exact in gradients["fp64"].items():
            distance = parity_test.distance(gradients["tf32"][name], exact)
            self.assertGreater(distance, 1e-5, name)
            self.assertLess(distance, 4e-3, name)


class TrainerOfTheReference(unittest.TestCase):
    def test_steps_by_the_formula_of_adamw(self):
        tokens = make_tokens(SMALL_VOCAB)
        model = make_model(SMALL_VOCAB, "fp64")
        trainer, twin = Trainer(model), copy.deepcopy(model)
        moments = {name: torch.zeros(2, *weight.shape).double() for name, weight in twin.named_parameters()}
        for t in (1, 2, 3):
            trainer.step(tokens)
            mean_loss(twin(tokens[:, :-1]), tokens[:, 1:]).backward()
            with torch.no_grad():
                for name, weight in twin.named_parameters():
                    first, second = moments[name]
                    first.copy_(0.9 * first + 0.1 * weight.grad)
                    second.copy_(0.999 * second + 0.001 * weight.grad**2)
                    denominator = (second / (1 - 0.999**t)).sqrt() + 1e-8
                    weight.copy_(weight * (1 - 1e-3 * 0.01) - 1e-3 * first / (1 - 0.9**t) / denominator)
            twin.zero_grad()
        for name, weight in twin.named_parameters():
            self.assertLess(parity_test.distance(dict(model.named_parameters())[name], weight), 1e-12, name)

    def test_bf16_masters_keep_what_the_weights_cannot_hold(self):
        tokens = make_tokens(TINY)
        model = make_model(TINY, "bf16")
        before = copy.deepcopy(model.state_dict())
        trainer = Trainer(model)
        trainer.step(tokens)
        absent = torch.ones(TINY.vocab, dtype=torch.bool)
        absent[tokens] = False
        for name, weight in model.named_parameters():
            master = trainer.masters[name]
            self.assertEqual((weight.dtype, master.dtype), (torch.bfloat16, torch.float32))
            self.assertTrue(weight.equal(master.bfloat16()), name)
            self.assertFalse(master.equal(master.bfloat16().float()), name)
        # A decay of 1e-5 is lost in BF16.
        row, master = before[parity_test.EMBEDDING][absent], trainer.masters[parity_test.EMBEDDING][absent]
        self.assertTrue(model.token_embeddings.weight[absent].equal(row))
        torch.testing.assert_close(master, row.float() * (1 - 1e-5), rtol=2e-7, atol=0)


# In TorchScript torch.save is torch::pickle_save: the file is what C++ writes.
pickle_save = torch.jit.CompilationUnit(
    """
def pickle_save(tensors: Dict[str, Tensor], path: str):
    torch.save(tensors, path)
"""
).pickle_save


class ParityTest(unittest.TestCase):
    ATTENTIONS = {"fp32": "naive", "tf32": "sdpa", "bf16": "naive"}

    @classmethod
    def setUpClass(cls):
        cls.dumps = {precision: cls.make_dump(precision) for precision in parity_test.PRECISIONS}

    @staticmethod
    def make_dump(precision: str) -> dict[str, Tensor]:
        config = TINY._replace(vocab=1000)
        dump = {"config": torch.tensor(config), "tokens": make_tokens(config, batch=4, context=128)}
        dump |= {f"weights/{name}": weight for name, weight in make_model(config, precision).state_dict().items()}
        return dump | parity_test.run(dump, precision, ParityTest.ATTENTIONS[precision], precision == "bf16")

    def judge(self, precision: str, dump: dict[str, Tensor]) -> tuple[int, str]:
        """The exit code, and what was printed."""
        with tempfile.TemporaryDirectory() as folder:
            path, out = str(Path(folder) / "dump.pt"), io.StringIO()
            pickle_save(dump, path)
            with (
                mock.patch.object(sys, "argv", ["parity_test.py", path, precision, self.ATTENTIONS[precision]]),
                contextlib.redirect_stderr(out),
            ):
                with contextlib.redirect_stdout(out):
                    try:
                        return parity_test.main(), out.getvalue()
                    except SystemExit as exit:
                        return exit.code, out.getvalue()

    def test_passes_the_reference_at_every_precision(self):
        for precision, dump in self.dumps.items():
            code, out = self.judge(precision, dump)
            self.assertEqual(code, 0, out)
            self.assertIn(precision, out)

    def test_fails_on_one_wrong_tensor_and_names_it(self):
        wrong = {
            "fp32": {"loss": 1.0001, "logits": 1.0001, "gradients/layers.0.ln1.weight": 1.0001},
            "tf32": {"gradients/lm_head.weight": 1.02, "stepped/layers.1.ffn.w2.weight": 1.01},
            "bf16": {"logits": 1.05, "masters/ln_final.weight": 1.02, "gradients/layers.1.attn.k_proj.weight": -1},
        }
        for precision, factors in wrong.items():
            for name, factor in factors.items():
                code, out = self.judge(precision, self.dumps[precision] | {name: self.dumps[precision][name] * factor})
                self.assertEqual(code, 1, out)
                self.assertIn(f"above its bound: {name}", out)

    def test_fails_on_what_is_no_number_or_has_another_shape(self):
        dump = self.dumps["fp32"]
        for loss in (torch.tensor(math.nan), torch.tensor(math.inf), dump["loss"].repeat(2)):
            self.assertEqual(self.judge("fp32", dump | {"loss": loss})[0], 1)

    def test_fails_when_the_optimizer_did_nothing(self):
        for precision, dump in self.dumps.items():
            kept = {f"stepped/{name}": weight for name, weight in parity_test.group(dump, "weights").items()}
            if precision == "bf16":
                kept |= {f"masters/{name}": w.float() for name, w in parity_test.group(dump, "weights").items()}
            code, out = self.judge(precision, dump | kept)
            self.assertEqual(code, 1)
            self.assertIn("above its bound: updates/ln_final.weight", out)
            self.assertIn("above its bound: untouched/", out)

    def test_fails_when_a_master_was_not_copied_back(self):
        dump = self.dumps["bf16"]
        name = "layers.0.ffn.w1.weight"
        code, out = self.judge("bf16", dump | {f"stepped/{name}": dump[f"weights/{name}"]})
        self.assertEqual(code, 1)
        self.assertIn(f"above its bound: copied/{name}", out)

    def test_fails_on_a_missing_tensor_and_refuses_what_is_no_dump(self):
        dump = self.dumps["fp32"]
        code, out = self.judge(
            "fp32", {name: tensor for name, tensor in dump.items() if name != "gradients/ln_final.weight"}
        )
        self.assertEqual(code, 1)
        self.assertIn("gradients/ln_final.weight", out)
        self.assertEqual(self.judge("fp32", {"loss": dump["loss"]})[0], 2)
        self.assertEqual(self.judge("fp32", dump | {"weights/ln_final.weight": torch.ones(3)})[0], 2)


if __name__ == "__main__":
    torch.set_num_threads(1)  # tests run beside each other, and waiting threads would spin
    unittest.main()
