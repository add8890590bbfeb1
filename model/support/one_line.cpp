#include "model/support/one_line.h"

namespace tbench {

std::string OneLine(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters too; terminals obey some of them.
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xE0) == 0x80;
    if (c1) ++i;
    const char c = c1 || byte < 0x20 || byte == 0x7F ? ' ' : text[i];
    const bool begins_word = line.empty() || line.back() == ' ';
    const bool command = c == ':' && text.substr(i).starts_with("::") && begins_word;
    const bool old_command = c == '#' && text.substr(i).starts_with("##[");
    line += c;
    if (command || old_command) line += ' ';
  }
  return line;
}

}  // namespace tbench
