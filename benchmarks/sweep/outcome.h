#pragma once

#include <string>

#include "benchmarks/sweep/case_file.h"
#include "benchmarks/sweep/child_process.h"

// Words for a child that did not bring the result of its case: the error_message of its row.
namespace tbench {

// "crashed: …" or "timed_out: …" with the last lines of what it printed. `file_error` is what is wrong with the file
// that it left; empty if that is good.
std::string DescribeFailure(const ChildEnd& end, TimeLimit limit, const std::string& file_error,
                            const std::string& log);

// What follows the header that Google Benchmark prints before the first case: the values of `context`, then warnings.
// The whole log if the process died before it.
std::string WithoutHeader(const std::string& log, const Json& context);

// The last few lines of a log that say something, joined by " | ", without control characters.
std::string LastLines(const std::string& log);

}  // namespace tbench
