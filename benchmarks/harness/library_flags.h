#pragma once

#include <string>
#include <vector>

// Google Benchmark's own flags, where its answer to a bad one is not ours.
namespace tbench {

// InputError if one of these arguments, or its environment variable, changes what a trial is (repetitions by time,
// interleaving, …), has a value for which the library would print its help and exit with 0, or gives the JSON's context
// a key that readers take for ours.
void CheckLibraryFlags(const std::vector<std::string>& arguments);

// Whether --benchmark_list_tests, by the library's rules, asks for names and no measurement.
bool ListsOnly(const std::vector<std::string>& arguments);

// Whether the library's filter selects one of the rows: an unanchored POSIX extended expression, negated by a leading
// '-'; "" and "all" select everything. InputError if it is no regular expression.
bool FilterSelectsAny(const std::string& filter, const std::vector<std::string>& row_names);

// InputError unless --benchmark_out, where given, names a file that can be written. The file is not touched.
void CheckOutputFile(const std::vector<std::string>& arguments);

}  // namespace tbench
