#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/spec/named_rows.h"

// What `precision` means: the numbers that a step keeps, and how it multiplies them.
namespace tbench {

// From the most accurate on.
enum class Precision { kFp32, kFp32x3, kTf32, kBf16 };

// An element of weights, activations and gradients.
enum class Element { kFp32, kBf16 };

struct ElementTraits {
  Element id;
  std::string_view name;
  int bytes;
  Precision precision;  // that multiplies such elements as they are
};

inline constexpr std::array kElements{ElementTraits{Element::kFp32, "fp32", 4, Precision::kFp32},
                                      ElementTraits{Element::kBf16, "bf16", 2, Precision::kBf16}};
static_assert(AreInOrder(kElements));

constexpr int BytesOf(Element element) { return RowOf(kElements, element).bytes; }

// How a GEMM multiplies, and so which unit's peak bounds it. kFp32x3 is three TF32 products of high and low halves: as
// accurate as FP32 (Ootomo & Yokota, "Recovering single precision accuracy from Tensor Cores", 2022); for linear layers
// alone, materialized attention scores are multiplied in FP32.
enum class GemmMath { kFp32, kFp32x3, kTf32, kBf16 };

struct PrecisionTraits {
  Precision id;
  std::string_view name;
  Element element;
  GemmMath gemm;
  double max_error;  // ‖x − exact‖/‖exact‖ of attention on normal data: about four times what an exact one shows
  bool composed;     // LibTorch's operators have it,
  bool fused;        // this project's kernels have it,
  bool cpu;          // on a CPU too
  Precision compared;  // what a peer is run in to be compared with it

  // AdamW steps FP32 masters where the weights are something else.
  constexpr bool has_masters() const { return element != Element::kFp32; }
};

inline constexpr std::array kPrecisions{
    PrecisionTraits{.id = Precision::kFp32,
                    .name = "fp32",
                    .element = Element::kFp32,
                    .gemm = GemmMath::kFp32,
                    .max_error = 2e-5,
                    .composed = true,
                    .fused = true,
                    .cpu = true,
                    .compared = Precision::kFp32},
    PrecisionTraits{.id = Precision::kFp32x3,
                    .name = "fp32x3",
                    .element = Element::kFp32,
                    .gemm = GemmMath::kFp32x3,
                    .max_error = 2e-5,
                    .composed = false,
                    .fused = true,
                    .cpu = false,
                    .compared = Precision::kFp32},
    PrecisionTraits{.id = Precision::kTf32,
                    .name = "tf32",
                    .element = Element::kFp32,
                    .gemm = GemmMath::kTf32,
                    .max_error = 4e-3,
                    .composed = true,
                    .fused = true,
                    .cpu = false,
                    .compared = Precision::kTf32},
    PrecisionTraits{.id = Precision::kBf16,
                    .name = "bf16",
                    .element = Element::kBf16,
                    .gemm = GemmMath::kBf16,
                    .max_error = 2e-2,
                    .composed = true,
                    .fused = true,
                    .cpu = true,
                    .compared = Precision::kBf16},
};
static_assert(AreInOrder(kPrecisions));

constexpr const PrecisionTraits& TraitsOf(Precision precision) { return RowOf(kPrecisions, precision); }

inline std::string NameOf(Precision precision) { return std::string(TraitsOf(precision).name); }

// Why it cannot be had with these kernels on this kind of device: "precision:tf32 needs a GPU"; empty if it can.
std::string WhyNotSupported(Precision precision, bool fused, bool on_gpu);

}  // namespace tbench
