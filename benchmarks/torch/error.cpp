#include "benchmarks/torch/error.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "benchmarks/harness/device.h"

namespace tbench {
namespace {

constexpr std::size_t kLongestMessage = 500;

// Errors that lack a type of their own: cuBLAS and cuDNN handles, CUDA calls, the host's allocator.
constexpr std::array<std::string_view, 4> kOutOfMemoryWords{"ALLOC_FAILED", "out of memory", "can't allocate memory",
                                                            "not enough memory"};

std::string OneLine(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' '; }, ' ');
  if (text.size() > kLongestMessage) {
    std::size_t end = kLongestMessage;
    while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
    text = text.substr(0, end) + "…";
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

bool SaysOutOfMemory(std::string_view text) {
  return std::ranges::any_of(kOutOfMemoryWords,
                             [&](std::string_view words) { return text.find(words) != std::string_view::npos; });
}

}  // namespace

std::string DescribeTorchError(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const c10::OutOfMemoryError& e) {
    return "out_of_memory: " + OneLine(e.what_without_backtrace());
  } catch (const c10::Error& e) {
    const std::string text = OneLine(e.what_without_backtrace());
    return (SaysOutOfMemory(text) ? "out_of_memory: " : "failed: ") + text;
  } catch (...) {
    const std::string text = OneLine(DescribeStandardError(error));
    if (text.starts_with("failed: ") && SaysOutOfMemory(text)) return "out_of_memory: " + text.substr(8);
    return text;
  }
}

}  // namespace tbench
