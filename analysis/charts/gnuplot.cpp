#include "analysis/charts/gnuplot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "analysis/charts/svg.h"

namespace tbench {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void ThrowErrno(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

// A file without a name that holds the text, to be read from its start: a child that ends early breaks no pipe.
int MemoryFile(std::string_view text) {
  const int fd = memfd_create("gnuplot-script", MFD_CLOEXEC);
  if (fd < 0) ThrowErrno("memfd_create");
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = write(fd, text.data() + done, text.size() - done);
    if (n < 0) {
      close(fd);
      ThrowErrno("write");
    }
    done += std::size_t(n);
  }
  lseek(fd, 0, SEEK_SET);
  return fd;
}

std::array<int, 2> Pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) ThrowErrno("pipe");
  return ends;
}

struct Output {
  std::string out, err;
  int status = 0;  // as wait has it
  bool timed_out = false;
};

// Reads both pipes to their ends, or until the deadline.
bool ReadAll(const std::array<std::pair<Descriptor*, std::string*>, 2>& pipes, Clock::time_point deadline) {
  while (pipes[0].first->open() || pipes[1].first->open()) {
    std::array<pollfd, 2> waiting{pollfd{pipes[0].first->get(), POLLIN, 0}, pollfd{pipes[1].first->get(), POLLIN, 0}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    if (poll(waiting.data(), waiting.size(), int(left.count())) < 0 && errno != EINTR) ThrowErrno("poll");
    for (std::size_t i = 0; i < pipes.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      std::array<char, 65536> buffer{};
      const ssize_t n = read(pipes[i].first->get(), buffer.data(), buffer.size());
      if (n > 0) {
        pipes[i].second->append(buffer.data(), std::size_t(n));
      } else if (n == 0 || errno != EINTR) {
        pipes[i].first->Close();
      }
    }
  }
  return true;
}

// Nothing where there is no such program.
std::optional<Output> Run(const GnuplotOptions& options, const std::string& script) {
  const Descriptor in(MemoryFile(script));
  const std::array<int, 2> out_ends = Pipe(), err_ends = Pipe();
  Descriptor out(out_ends[0]), out_writer(out_ends[1]), err(err_ends[0]), err_writer(err_ends[1]);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out_writer.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err_writer.get(), STDERR_FILENO);
  // Neither the user's start-up file nor a locale may change the picture.
  std::string program = options.program, defaults = "--default-settings", locale = "LC_ALL=C";
  std::array<char*, 3> argv{program.data(), defaults.data(), nullptr};
  std::vector<char*> environment{locale.data()};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("LC_ALL=")) environment.push_back(*variable);
  }
  environment.push_back(nullptr);
  pid_t child = -1;
  const int failure = posix_spawnp(&child, program.c_str(), &actions, nullptr, argv.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failure == ENOENT) return std::nullopt;
  if (failure != 0) throw std::system_error(failure, std::generic_category(), "cannot start " + program);
  out_writer.Close();
  err_writer.Close();

  Output output;
  const std::array<std::pair<Descriptor*, std::string*>, 2> pipes{std::pair{&out, &output.out},
                                                                  std::pair{&err, &output.err}};
  output.timed_out = !ReadAll(pipes, Clock::now() + options.time_limit);
  if (output.timed_out) kill(child, SIGKILL);
  while (waitpid(child, &output.status, 0) < 0 && errno == EINTR) {
  }
  return output;
}

std::string Trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \n"), last = text.find_last_not_of(" \n");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

}  // namespace

std::optional<std::string> DrawChart(const Chart& chart, const GnuplotOptions& options) {
  const std::string terminal = fmt::format("set terminal svg noenhanced size {},{} dynamic font 'sans,{}'\n",
                                           chart.width, chart.height, kChartTextSize);
  const std::optional<Output> output = Run(options, terminal + chart.script);
  if (!output) return std::nullopt;
  const std::string what = fmt::format("chart '{}': {}", chart.name, options.program);
  if (output->timed_out) {
    throw std::runtime_error(fmt::format("{} took longer than {} ms", what, options.time_limit.count()));
  }
  if (!WIFEXITED(output->status) || WEXITSTATUS(output->status) != 0) {
    throw std::runtime_error(fmt::format("{} failed: {}", what, Trimmed(output->err)));
  }
  if (output->out.find("</svg>") == std::string::npos) {
    throw std::runtime_error(fmt::format("{} drew nothing: {}", what, Trimmed(output->err)));
  }
  return ThemedSvg(output->out, chart);
}

}  // namespace tbench
