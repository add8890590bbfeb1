#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tbench {

// The file's content is `text` or what it was before, never a part: written beside, synced, renamed. Throws
// std::runtime_error that names the path and the system's reason; then nothing is left behind.
void WriteWholeFile(const std::filesystem::path& path, std::string_view text);

// Throws std::runtime_error that names the path and the system's reason.
std::string ReadFile(const std::filesystem::path& path);

}  // namespace tbench
