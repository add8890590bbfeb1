#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace tbench {

// What a file that is not whole yet is called beyond its own name. Whoever is killed while writing leaves one.
inline constexpr std::string_view kPartialSuffix = ".partial";

// Who chose a path. A user means the links, pipes and devices that he names; in a folder of a run, which may come from
// other people, a link leads nowhere and only regular files are read.
enum class Named { kInFolder, kByUser };

// The file's content is `text` or what it was before, never a part: written beside, synced, renamed. Its mode stays, a
// new one's is the umask's. What a user names is written through links, into pipes, devices and own descriptors
// (/dev/stdout); in a folder a link is replaced. A mount point, which no rename replaces, is written in place. Throws
// std::runtime_error that names the path and the system's reason; then nothing is left behind.
void WriteWholeFile(const std::filesystem::path& path, std::string_view text, Named named = Named::kInFolder);

// At most 1 GiB, of a regular file unless a user named it. Throws std::runtime_error that names the path and the
// reason.
std::string ReadFile(const std::filesystem::path& path, Named named = Named::kInFolder);

// The last `bytes` of a regular file, or all of a shorter one. Throws as ReadFile.
std::string ReadEnd(const std::filesystem::path& path, std::size_t bytes);

// Whether the path is another name of a descriptor of this process, as /dev/stdin and /dev/fd/3 are.
bool IsOwnDescriptor(const std::filesystem::path& path);

}  // namespace tbench
