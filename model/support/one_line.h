#pragma once

#include <string>
#include <string_view>

namespace tbench {

// Text of other people as one line, for terminals and logs of CI: a control character becomes a space, and what GitHub
// would read as a workflow command ("::" at the start of a word, which may begin a line once it is wrapped; "##[") is
// taken apart. Other text keeps its bytes.
std::string OneLine(std::string_view text);

}  // namespace tbench
