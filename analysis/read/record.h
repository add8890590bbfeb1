#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "analysis/read/run_file.h"
#include "benchmarks/names/case.h"
#include "model/spec/config.h"

namespace tbench {

struct TimedTrial {
  double time_us;
  CounterValues counters;  // what was not measured is absent

  bool operator==(const TimedTrial&) const = default;
};

// One case: its axes, its model's numbers and its good trials, in the order they were run.
struct Record {
  Case c;
  ModelConfig config;
  std::vector<TimedTrial> trials;
  std::optional<std::string> error;  // "out_of_memory: …"; a case with one failed trial failed
  std::string label;
  std::size_t run = 0;              // index of the run that it is from
  std::string implementation = {};  // of a peer (benchmarks/names/peer.h); empty for this project's
};

struct Records {
  std::vector<Record> records;        // in the order of the files
  std::vector<Record> peers;          // the same step by other implementations
  std::vector<std::string> problems;  // what was left out, each a sentence that names file and case
};

// One record a transformer_step case, and one a peer. Left out and reported: a case with fewer trials than it was to
// have (its file is cut), rows that are not of one iteration of one thread, one that comes twice (the first counts; of
// two files, the first where it is complete), one whose model nobody knows or another run defines otherwise, rows of an
// unknown family.
Records ToRecords(const std::vector<RunFile>& runs);

// "cudnn" of a label that says attention_backend:cudnn; empty where it names no backend.
std::string AttentionBackendOf(const Record& record);

// "out_of_memory" of "out_of_memory: CUDA out of memory. …"; "failed" where it is not words, so that tables may print
// it.
std::string ErrorKind(const std::string& error);

// For people: "out of memory".
std::string ErrorInWords(const std::string& error);

}  // namespace tbench
