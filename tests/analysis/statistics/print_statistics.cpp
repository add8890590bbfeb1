// Reads two lines of numbers and prints the statistics of the first, and the U test of both, one a line with all
// digits: what statistics_against_scipy.py compares.

#include <fmt/format.h>

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/statistics/statistics.h"
#include "analysis/statistics/u_test.h"

namespace {

std::vector<double> ReadLine(std::istream& input) {
  std::string line;
  std::getline(input, line);
  std::istringstream words(line);
  std::vector<double> values;
  for (std::string word; words >> word;) values.push_back(std::stod(word));
  return values;
}

}  // namespace

int main() {
  while (std::cin.peek() != std::istream::traits_type::eof()) {
    const std::vector<double> first = ReadLine(std::cin), second = ReadLine(std::cin);
    const auto [u, p] = tbench::MannWhitneyU(first, second);
    fmt::print("{} {}", tbench::Mean(first), tbench::SampleDeviation(first));
    for (const double q : {0.0, 0.05, 0.25, 0.333, 0.5, 0.75, 0.95, 1.0}) fmt::print(" {}", tbench::Quantile(first, q));
    fmt::print(" {} {}\n", u, p);
  }
}
