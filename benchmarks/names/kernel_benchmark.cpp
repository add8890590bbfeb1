#include "benchmarks/names/kernel_benchmark.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "model/spec/short_attention_shapes.h"
#include "model/spec/work.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

using KernelAxis = NameAxis<Kernel>;

struct DirectionRow {
  Kernel::Direction id;
  std::string_view name;
};
constexpr std::array kDirections{DirectionRow{Kernel::Direction::kForward, "forward"},
                                 DirectionRow{Kernel::Direction::kBackward, "backward"}};
static_assert(AreInOrder(kDirections));

constexpr KernelAxis kDirection = ChoiceAxis<&Kernel::direction, kDirections>("direction");
constexpr KernelAxis kPrecision = ChoiceAxis<&Kernel::element, kElements>("precision");
constexpr KernelAxis kRows = NumberAxis<&Kernel::rows>("rows");
constexpr KernelAxis kIn = NumberAxis<&Kernel::in>("in");
constexpr KernelAxis kWidth = NumberAxis<&Kernel::width>("width");
constexpr KernelAxis kVocab = NumberAxis<&Kernel::vocab>("vocab");
constexpr KernelAxis kContext = NumberAxis<&Kernel::context>("context");
constexpr KernelAxis kHeads = NumberAxis<&Kernel::heads>("heads");
constexpr KernelAxis kHeadSize = NumberAxis<&Kernel::head_size>("head_size");
constexpr KernelAxis kMatrices = NumberAxis<&Kernel::matrices>("matrices");
constexpr KernelAxis kParameters = NumberAxis<&Kernel::parameters>("parameters");

constexpr double kFp32 = 4, kToken = 8;  // bytes

double ElementBytes(const Kernel& k) { return BytesOf(k.element); }
bool IsForward(const Kernel& k) { return k.direction == Kernel::Direction::kForward; }

// A forward pass reads the rows of the table that occur, of uniform tokens in expectation; a backward pass writes all.
double EmbeddingBytes(const Kernel& k) {
  const auto rows = double(k.rows), vocab = double(k.vocab);
  const double occurring = vocab * (1 - std::pow(1 - 1 / vocab, rows));
  return kToken * rows + (rows + (IsForward(k) ? occurring : vocab)) * double(k.width) * ElementBytes(k);
}

// Backward reads dy, x, the residual's gradient and the weights, and writes dx and the weights' gradients.
double RmsNormBytes(const Kernel& k) {
  const double matrices = IsForward(k) ? 2 : 4, vectors = IsForward(k) ? 1 : 2;
  return (matrices * double(k.rows) + vectors) * double(k.width) * ElementBytes(k) + kFp32 * double(k.rows);
}

// `tensors` of the heads' width, and the table of k/2 cosines and sines a position.
double HeadBytes(const Kernel& k, double tensors) {
  const double table = kFp32 * double(k.context) * double(k.head_size);
  return tensors * double(k.rows) * double(k.heads) * double(k.head_size) * ElementBytes(k) + table;
}

// Forward turns queries and keys in place; backward also moves the values' gradients to their place.
double RotaryBytes(const Kernel& k) { return HeadBytes(k, IsForward(k) ? 4 : 6); }

// Reads what is on and below the diagonal, writes all.
double CausalSoftmaxBytes(const Kernel& k) {
  const auto t = double(k.context);
  return double(k.matrices) * ((IsForward(k) ? 1 : 2) * t * (t + 1) / 2 + t * t) * ElementBytes(k);
}

// Forward reads queries, keys and values, and writes the outputs and the log-sum-exp of a query's scores. Backward
// reads all that and the outputs' gradients, and writes three gradients.
double ShortAttentionBytes(const Kernel& k) {
  return HeadBytes(k, IsForward(k) ? 4 : 8) + kFp32 * double(k.rows) * double(k.heads);
}

double SwiGluBytes(const Kernel& k) {
  return (IsForward(k) ? 3 : 5) * double(k.rows) * double(k.width) * ElementBytes(k);
}

// Forward also writes a and b; backward reads them and writes their gradients.
double SwiGluProductBytes(const Kernel& k) {
  const auto rows = double(k.rows), in = double(k.in), width = double(k.width);
  return (rows * in + (IsForward(k) ? 2 : 1) * in * width + (IsForward(k) ? 3 : 4) * rows * width) * ElementBytes(k);
}
double SwiGluProductFlops(const Kernel& k) {
  return (IsForward(k) ? 4 : 2) * double(k.rows) * double(k.in) * double(k.width);
}

double QkvColumns(const Kernel& k) { return double(QkvLayout{k.heads, k.head_size}.columns()); }
double RotaryProductBytes(const Kernel& k) {
  return HeadBytes(k, 3) + (double(k.rows) + QkvColumns(k)) * double(k.in) * ElementBytes(k);
}
double RotaryProductFlops(const Kernel& k) { return 2 * double(k.rows) * double(k.in) * QkvColumns(k); }

// Forward writes the row's loss and log-sum-exp, and the mean; backward reads the log-sum-exp.
double CrossEntropyBytes(const Kernel& k) {
  const auto rows = double(k.rows);
  const double logits = rows * double(k.vocab) * ElementBytes(k);
  return kToken * rows + (IsForward(k) ? logits + 2 * kFp32 * rows + kFp32 : 2 * logits + kFp32 * rows);
}

// Weights and both moments read and written in FP32, the gradient read; BF16 parameters are written besides.
double AdamWBytes(const Kernel& k) {
  const double element = ElementBytes(k), rounded = k.element == Element::kFp32 ? 0 : element;
  return double(k.parameters) * (6 * kFp32 + element + rounded);
}

struct OperationRow {
  Kernel::Operation id;
  std::string_view name;
  std::vector<KernelAxis> axes;
  Kernel (*sizes)(const Case&, const ModelConfig&);
  double (*bytes)(const Kernel&);
  bool (*may_have)(const Case&, const ModelConfig&) = [](const Case&, const ModelConfig&) { return true; };
  double (*flops)(const Kernel&) = nullptr;  // where there is a product in it

  bool has_directions() const { return axes.front().key == kDirection.key; }
};

std::int64_t Rows(const Case& c) { return c.batch * c.context; }

bool IsBf16(const Case& c) { return TraitsOf(c.precision).gemm == GemmMath::kBf16; }

bool MayHaveShortAttention(const Case& c, const ModelConfig& m) {
  return IsBf16(c) && (c.attention == Attention::kSdpa || c.attention == Attention::kShort) &&
         kernels::HasShortAttention(c.context, m.head_size());
}

bool MayHaveFusedProducts(const Case& c, const ModelConfig&) { return IsBf16(c); }

Kernel SizesOfHeads(const Case& c, const ModelConfig& m) {
  return {.rows = Rows(c), .context = c.context, .heads = m.heads, .head_size = m.head_size()};
}

using enum Kernel::Operation;
// In the order of a step.
const std::array kOperations{
    OperationRow{kEmbedding,
                 "embedding",
                 {kDirection, kPrecision, kRows, kVocab, kWidth},
                 [](const Case& c, const ModelConfig& m) {
                   return Kernel{.rows = Rows(c), .width = m.d_model, .vocab = m.vocab};
                 },
                 EmbeddingBytes},
    OperationRow{kRmsNorm,
                 "rms_norm",
                 {kDirection, kPrecision, kRows, kWidth},
                 [](const Case& c, const ModelConfig& m) { return Kernel{.rows = Rows(c), .width = m.d_model}; },
                 RmsNormBytes},
    OperationRow{kRotaryEmbedding,
                 "rotary_embedding",
                 {kDirection, kPrecision, kRows, kContext, kHeads, kHeadSize},
                 SizesOfHeads,
                 RotaryBytes},
    OperationRow{kRotaryProduct,
                 "rotary_product",
                 {kPrecision, kRows, kIn, kContext, kHeads, kHeadSize},
                 [](const Case& c, const ModelConfig& m) {
                   Kernel kernel = SizesOfHeads(c, m);
                   kernel.in = m.d_model;
                   return kernel;
                 },
                 RotaryProductBytes,
                 MayHaveFusedProducts,
                 RotaryProductFlops},
    OperationRow{
        kCausalSoftmax,
        "causal_softmax",
        {kDirection, kPrecision, kMatrices, kContext},
        [](const Case& c, const ModelConfig& m) { return Kernel{.context = c.context, .matrices = c.batch * m.heads}; },
        CausalSoftmaxBytes},
    OperationRow{kShortAttention,
                 "short_attention",
                 {kDirection, kPrecision, kRows, kContext, kHeads, kHeadSize},
                 SizesOfHeads,
                 ShortAttentionBytes,
                 MayHaveShortAttention},
    OperationRow{kSwiGlu,
                 "swiglu",
                 {kDirection, kPrecision, kRows, kWidth},
                 [](const Case& c, const ModelConfig& m) { return Kernel{.rows = Rows(c), .width = m.d_ff}; },
                 SwiGluBytes},
    OperationRow{
        kSwiGluProduct,
        "swiglu_product",
        {kDirection, kPrecision, kRows, kIn, kWidth},
        [](const Case& c, const ModelConfig& m) { return Kernel{.rows = Rows(c), .in = m.d_model, .width = m.d_ff}; },
        SwiGluProductBytes,
        MayHaveFusedProducts,
        SwiGluProductFlops},
    OperationRow{kCrossEntropy,
                 "cross_entropy",
                 {kDirection, kPrecision, kRows, kVocab},
                 [](const Case& c, const ModelConfig& m) { return Kernel{.rows = Rows(c), .vocab = m.vocab}; },
                 CrossEntropyBytes},
    OperationRow{kAdamW,
                 "adamw",
                 {kPrecision, kParameters},
                 [](const Case&, const ModelConfig& m) { return Kernel{.parameters = ParameterCount(m)}; },
                 AdamWBytes},
};

const OperationRow& RowOf(const Kernel& k) { return *std::ranges::find(kOperations, k.operation, &OperationRow::id); }

}  // namespace

std::string KernelName(const Kernel& kernel) {
  const OperationRow& row = RowOf(kernel);
  return fmt::format("{}/{}{}", kKernelFamily, row.name, PrintAxes(row.axes, kernel));
}

Kernel ParseKernelName(std::string_view name) {
  std::string_view rest = name;
  if (TakeElement(rest) != kKernelFamily) throw InputError(fmt::format("'{}' is not a {}", name, kKernelFamily));
  Kernel kernel{.operation = ParseName(kOperations, kKernelFamily, TakeElement(rest))};
  const OperationRow& row = RowOf(kernel);
  TakeAxes(name, row.axes, rest, kernel);
  RequireLibrarySuffix(name, rest);
  return kernel;
}

std::string RowName(const Kernel& kernel) { return RowNameOf(KernelName(kernel), kKernelRepetitions); }

std::string_view OperationName(const Kernel& kernel) { return RowOf(kernel).name; }

std::vector<std::pair<std::string_view, std::string>> AxesOf(const Kernel& kernel) {
  std::vector<std::pair<std::string_view, std::string>> axes;
  for (const KernelAxis& axis : RowOf(kernel).axes) axes.emplace_back(axis.key, axis.print(kernel));
  return axes;
}

std::vector<Kernel> KernelsOf(const std::vector<Case>& cases, const ModelTable& models, bool has_fused_products) {
  std::vector<Kernel> kernels;
  const auto add = [&kernels](const Kernel& kernel) {
    if (std::ranges::find(kernels, kernel) == kernels.end()) kernels.push_back(kernel);
  };
  for (const OperationRow& row : kOperations) {
    if (row.flops != nullptr && !has_fused_products) continue;
    for (const Case& c : cases) {
      const ModelConfig& model = models.Find(c.model);
      if (c.kernels != Kernels::kFused || !TraitsOf(c.precision).fused || !row.may_have(c, model)) continue;
      Kernel kernel = row.sizes(c, model);
      kernel.operation = row.id;
      kernel.element = TraitsOf(c.precision).element;
      add(kernel);
      kernel.direction = Kernel::Direction::kBackward;
      if (row.has_directions()) add(kernel);
    }
  }
  return kernels;
}

double BytesOf(const Kernel& kernel) { return RowOf(kernel).bytes(kernel); }

double FlopsOf(const Kernel& kernel) {
  const OperationRow& row = RowOf(kernel);
  return row.flops == nullptr ? 0 : row.flops(kernel);
}

}  // namespace tbench
