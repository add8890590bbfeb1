#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tbench {

// What a file that is not whole yet is called beyond its own name. Whoever is killed while writing leaves one.
inline constexpr std::string_view kPartialSuffix = ".partial";

// The file's content is `text` or what it was before, never a part: written beside, synced, renamed. Throws
// std::runtime_error that names the path and the system's reason; then nothing is left behind.
void WriteWholeFile(const std::filesystem::path& path, std::string_view text);

// Throws std::runtime_error that names the path and the system's reason.
std::string ReadFile(const std::filesystem::path& path);

}  // namespace tbench
