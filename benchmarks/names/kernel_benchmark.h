#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmarks/names/case.h"
#include "model/spec/config.h"

// The fused operations one by one, at the sizes that a step gives them: the family `kernel`.
namespace tbench {

inline constexpr std::string_view kKernelFamily = "kernel";
inline constexpr std::int64_t kKernelRepetitions = 5;

// An operation, what it works on, and its sizes; of these it has those that its name lists, the others are 0.
struct Kernel {
  enum class Operation {
    kEmbedding,
    kRmsNorm,
    kRotaryEmbedding,
    kRotaryProduct,
    kCausalSoftmax,
    kShortAttention,
    kSwiGlu,
    kSwiGluProduct,
    kCrossEntropy,
    kAdamW
  };
  enum class Direction { kForward, kBackward };
  Operation operation = Operation::kEmbedding;
  Direction direction = Direction::kForward;  // an optimizer has none, nor what there is forward alone
  Element element = Element::kFp32;           // of weights and activations; `precision` in the name
  std::int64_t rows = 0;                      // batch · context
  std::int64_t in = 0;                        // columns of what is multiplied
  std::int64_t width = 0;
  std::int64_t vocab = 0;
  std::int64_t context = 0;
  std::int64_t heads = 0;
  std::int64_t head_size = 0;
  std::int64_t matrices = 0;  // batch · heads
  std::int64_t parameters = 0;

  bool operator==(const Kernel&) const = default;
};

// "kernel/rms_norm/direction:forward/precision:bf16/rows:4096/width:2560", "kernel/adamw/precision:bf16/parameters:8".
std::string KernelName(const Kernel& kernel);

// The inverse of KernelName; what Google Benchmark appends is dropped. InputError for any other name.
Kernel ParseKernelName(std::string_view name);

// The name that Google Benchmark gives its rows.
std::string RowName(const Kernel& kernel);

// "rms_norm".
std::string_view OperationName(const Kernel& kernel);

// Key and value of each axis, in the order of the name.
std::vector<std::pair<std::string_view, std::string>> AxesOf(const Kernel& kernel);

// Every operation and direction at the sizes of the cases with kernels:fused, each once; short attention, and products
// that something else is fused into, of those cases alone that may have them, and the latter where the device has them.
std::vector<Kernel> KernelsOf(const std::vector<Case>& cases, const ModelTable& models, bool has_fused_products);

// The bytes that must move: each input read once, each output written once, of a matrix of scores only the half that is
// looked at. What a kernel moves beyond that, such as partial sums, shows as a lower rate.
double BytesOf(const Kernel& kernel);

// Of the product in it; 0 where there is none.
double FlopsOf(const Kernel& kernel);

}  // namespace tbench
