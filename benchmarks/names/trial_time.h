#pragma once

namespace tbench {

// Whether a file's time can be a trial's, in microseconds: a picosecond to 30 years. Beyond that it is no measurement,
// and quotients of such times leave what doubles hold.
inline bool IsTrialTime(double us) { return us >= 1e-6 && us <= 1e15; }

}  // namespace tbench
