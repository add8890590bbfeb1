// Arbitrary bytes as a run.json: reading them never crashes, hangs or throws, and what is read keeps its promises.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "analysis/gate/comparison.h"
#include "analysis/read/record.h"
#include "analysis/read/run_file.h"
#include "model/support/input_error.h"

namespace {

void Require(bool promise) {
  if (!promise) std::abort();
}

bool IsTime(double us) { return std::isfinite(us) && us > 0; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const tbench::RunFile run = tbench::ParseRunFile({reinterpret_cast<const char*>(bytes), size});
  for (const tbench::Row& row : run.rows) {
    Require(!row.real_time_us || IsTime(*row.real_time_us));
    for (const auto& [counter, value] : row.counters) Require(std::isfinite(value));
  }
  const tbench::Records records = tbench::ToRecords({run});
  Require(!run.rows.empty() || !run.problems.empty() || records.records.empty());
  for (const tbench::Record& record : records.records) {
    Require(record.error || !record.trials.empty());
    for (const tbench::TimedTrial& trial : record.trials) Require(IsTime(trial.time_us));
  }
  // Nothing is slower than itself.
  try {
    const tbench::Comparison comparison = tbench::CompareRuns(run, run, {});
    for (const tbench::ComparedCase& compared : comparison.cases) {
      Require(!tbench::IsWorse(compared.verdict, {}));
    }
  } catch (const tbench::InputError&) {
    Require(records.records.empty());
  }
  return 0;
}
