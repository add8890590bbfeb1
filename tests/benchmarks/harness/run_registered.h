#pragma once

#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace tbench {

// Runs what is registered with Google Benchmark, forgets it, and returns the rows of the library's JSON.
inline nlohmann::json RunRegistered() {
  std::ostringstream text, errors;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&errors);
  benchmark::RunSpecifiedBenchmarks(&reporter, "all");
  benchmark::ClearRegisteredBenchmarks();
  return nlohmann::json::parse(text.str()).at("benchmarks");
}

}  // namespace tbench
