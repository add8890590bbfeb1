#include "analysis/table.h"

#include <charconv>

namespace tbench {

bool IsNumber(const std::string& cell) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc{} && end == cell.data() + cell.size();
}

}  // namespace tbench
