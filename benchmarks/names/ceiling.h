#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/names/case.h"

// What the device gives at best, measured in the same run: the family `ceiling`.
namespace tbench {

inline constexpr std::string_view kCeilingFamily = "ceiling";
inline constexpr std::int64_t kCeilingRepetitions = 5;

struct Ceiling {
  enum class Kind { kGemm, kCopy, kLaunch };
  enum class Moment { kStart, kEnd };  // of the run
  Kind kind = Kind::kGemm;
  Precision precision = Precision::kFp32;  // of kGemm
  std::int64_t size = 0;                   // kGemm: rows and columns of each matrix; kCopy: bytes
  Moment moment = Moment::kStart;

  bool operator==(const Ceiling&) const = default;
};

// "ceiling/gemm/precision:bf16/size:8192", "ceiling/copy/bytes:1073741824", "ceiling/launch"; of the run's end
// "ceiling/copy/bytes:1073741824/moment:end".
std::string CeilingName(const Ceiling& ceiling);

// The inverse of CeilingName; what Google Benchmark appends is dropped. InputError for any other name.
Ceiling ParseCeilingName(std::string_view name);

// The name that Google Benchmark gives its rows.
std::string RowName(const Ceiling& ceiling);

// The ceilings of these cases: GEMMs of their precisions at several sizes, the copy, and on a GPU the launch. None
// of fp32x3, which LibTorch cannot multiply in.
std::vector<Ceiling> CeilingsOf(const std::vector<Case>& cases, bool gpu);

// Those that a sweep takes again at its end, to show drift: the largest GEMM of each precision, and the copy.
std::vector<Ceiling> MainCeilings(const std::vector<Ceiling>& ceilings);

// FLOPs of a GEMM: 2·size³. Bytes of a copy: those read and those written.
double WorkOf(const Ceiling& ceiling);

}  // namespace tbench
