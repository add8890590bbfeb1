#pragma once

#include <functional>

namespace tbench {

// The cores' worth of CPU time that so many threads get that compute side by side for a moment: at most `threads`.
double CoresGot(int threads);

// How many of `most` threads would have a core to themselves now, at least 1. Threads of OpenMP wait for each other by
// spinning: where one has no core of its own, each of a step's thousands of regions waits for the scheduler, which
// costs many times what a thread fewer costs. Takes 50 ms, and 150 where cores are
// missing: a neighbour that stays is there each time.
int FreeCores(int most, const std::function<double(int)>& cores_got = CoresGot);

}  // namespace tbench
