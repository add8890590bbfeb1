#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/read/run_file.h"
#include "benchmarks/names/case.h"

namespace tbench {

// Each figure is the median over the rows of one measurement; of several measurements in a run, the highest.
struct GemmFigure {
  Precision precision;
  std::int64_t size;        // N of the N × N × N product
  double flops_per_second;  // 2N³ / time

  bool operator==(const GemmFigure&) const = default;
};

struct CopyFigure {
  std::int64_t bytes;       // of the copy
  double bytes_per_second;  // read + written

  bool operator==(const CopyFigure&) const = default;
};

// One benchmark of the run's start beside the same of its end.
struct CeilingDrift {
  std::string name;    // "ceiling/gemm/precision:fp32/size:8192"
  double first, last;  // FLOP/s, bytes/s, or launches/s
  double share;        // last / first − 1: negative where the machine became slower

  bool operator==(const CeilingDrift&) const = default;
};

// What this machine can do, measured in the same run. What was not measured is absent.
struct Ceilings {
  std::vector<GemmFigure> gemm;                 // by precision, then by size
  std::vector<CopyFigure> copies;               // by bytes
  std::optional<double> copy_bytes_per_second;  // the highest of `copies`
  std::optional<double> launch_us;              // the GPU's time for an empty kernel, launched back to back: the lowest
  std::optional<double> launch_enqueue_us;      // the host's for launching it
  std::optional<double> timer_bias_us;          // what that kernel reads alone by a trial's own procedure
  std::vector<CeilingDrift> drifts;             // of what was measured twice, in the order of the file
  std::map<std::string, std::string> failures;  // name -> the error
};

// From the run's rows `ceiling/…`; errored rows, and those that lack their figure, count as not measured. A measurement
// is the rows of one name and one family_index; one of the run's end says so in its name or, in older files, has the
// larger index. A run merged of parts has more than two: they are of several machines, and no drift.
Ceilings ToCeilings(const RunFile& run);

// The run's ceiling for a precision: the size that ran fastest.
std::optional<GemmFigure> GemmCeiling(const Ceilings& ceilings, Precision precision);

}  // namespace tbench
