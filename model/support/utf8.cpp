#include "model/support/utf8.h"

#include <algorithm>
#include <array>

namespace tbench {
namespace {

// Of the sequences that begin with bytes up to `last`: their length, and what the second byte may be.
struct Lead {
  unsigned char last;
  std::size_t length;
  unsigned char least_second = 0x80;
  unsigned char most_second = 0xBF;
};
constexpr std::array kLeads{Lead{0x7F, 1}, Lead{0xC1, 0},
                            Lead{0xDF, 2}, Lead{0xE0, 3, 0xA0},
                            Lead{0xEC, 3}, Lead{0xED, 3, 0x80, 0x9F},
                            Lead{0xEF, 3}, Lead{0xF0, 4, 0x90},
                            Lead{0xF3, 4}, Lead{0xF4, 4, 0x80, 0x8F},
                            Lead{0xFF, 0}};

// Of the sequence that the text begins with; 0 if it is none.
std::size_t SequenceLength(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const Lead& lead = *std::ranges::lower_bound(kLeads, byte(0), {}, &Lead::last);
  if (lead.length > text.size()) return 0;
  if (lead.length > 1 && (byte(1) < lead.least_second || byte(1) > lead.most_second)) return 0;
  for (std::size_t i = 2; i < lead.length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return lead.length;
}

}  // namespace

std::size_t FindInvalidUtf8(std::string_view text, std::size_t from) {
  while (from < text.size()) {
    const std::size_t length = SequenceLength(text.substr(from));
    if (length == 0) return from;
    from += length;
  }
  return std::string_view::npos;
}

std::string ValidUtf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  for (std::size_t begin = 0;;) {
    const std::size_t bad = FindInvalidUtf8(text, begin);
    valid += text.substr(begin, bad - begin);
    if (bad == std::string_view::npos) return valid;
    valid += "\uFFFD";
    begin = bad + 1;
  }
}

}  // namespace tbench
