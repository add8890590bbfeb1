#pragma once

#include <string>
#include <vector>

#include "analysis/read/record.h"
#include "analysis/verdicts/machine.h"

// Whether what a run says of its cases can have been measured, held against nothing but itself.
namespace tbench {

// The first contradiction among a good record's figures, a sentence's part; empty where there is none:
// - a time below 0; phases that together exceed their trial, a trial that exceeds its time end to end, enqueueing that
//   does, beyond what timers resolve; enqueueing of twice the trial; tokens a second that are not those of the trial's
//   time;
// - ten trials of a GPU that are equal to the last digit;
// - a loss that no cross-entropy has or, where no optimizer moves it, one that changes from trial to trial;
// - steps before a trial that do not grow from trial to trial, or are fewer than the warm-ups.
std::string WhyInconsistent(const Record& record, const Machine& machine);

// Whether their times are the same to the last digit: at least 5, not all of them equal. No two measurements are.
bool AreCopies(const Record& a, const Record& b);

// For each record, whose copy it is; empty where it is none's. Both of a pair are told: nobody knows which was
// measured.
std::vector<std::string> WhyCopied(const std::vector<Record>& records);

}  // namespace tbench
