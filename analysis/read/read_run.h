#pragma once

#include <filesystem>
#include <string>

#include "analysis/read/run_file.h"

namespace tbench {

// The run.json that a command line names: a file, or the folder that holds it. InputError if it is not there.
std::filesystem::path RunFilePath(const std::string& given);

// Parses it; its path is the source for messages. InputError as above, std::runtime_error if it cannot be opened.
RunFile ReadRun(const std::string& given);

}  // namespace tbench
