#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/read/record.h"

// What verdicts read of a record's trials.
namespace tbench {

// Their times in µs, in the order they were run.
std::vector<double> TimesUs(const Record& record);

// The median time in µs; NaN without trials.
double MedianTimeUs(const Record& record);

// Of one trial; nothing where it was not measured.
std::optional<double> CounterOf(const TimedTrial& trial, const std::string& counter);

// The median of a counter over the trials that have it; nothing if none has.
std::optional<double> MedianOf(const Record& record, const std::string& counter);

// Of the first or the last trial.
std::optional<double> FirstOf(const Record& record, const std::string& counter);
std::optional<double> LastOf(const Record& record, const std::string& counter);

}  // namespace tbench
