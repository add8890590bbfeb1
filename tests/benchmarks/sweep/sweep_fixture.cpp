#include "tests/benchmarks/sweep/sweep_fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "benchmarks/names/case.h"

namespace tbench {

namespace fs = std::filesystem;

Background::Background(const std::string& shell_words, const std::string& output_file) {
  const std::string command = "exec env " + shell_words + " > '" + output_file + "' 2>&1";
  pid_ = fork();
  if (pid_ == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
}

Background::~Background() {
  if (pid_ <= 0) return;
  Signal(SIGKILL);
  Wait();
}

void Background::Signal(int signal) const { kill(pid_, signal); }

int Background::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool Eventually(const std::function<bool()>& is_so) {
  for (int i = 0; i < 20'000; ++i) {
    if (is_so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

void SweepTest::SetUp() {
  std::string name = testing::TempDir() + "tbench_sweep_XXXXXX";
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  directory_ = name;
  run_ = directory_ / "run";
}

void SweepTest::TearDown() {
  for (const pid_t child : Children()) kill(child, SIGKILL);  // of a test that failed
  fs::remove_all(directory_);
}

std::string SweepTest::Words(const std::string& arguments, const std::string& environment) const {
  const bool names_binary = arguments.find("--binary") != std::string::npos;
  const std::string binary = names_binary ? "" : " --binary " FAKE_TRANSFORMER_BENCH;
  return environment + " " TBENCH_SWEEP + binary + " -o " + run_.string() + " " + arguments;
}

ProgramOutput SweepTest::Sweep(const std::string& arguments, const std::string& environment) const {
  return RunCommand(Words(arguments, environment));
}

nlohmann::json SweepTest::RunAt(const fs::path& directory) {
  return nlohmann::json::parse(std::ifstream(directory / "run.json"));
}

std::vector<std::string> SweepTest::Trials(const nlohmann::json& run) {
  std::vector<std::string> trials;
  for (const auto& row : run["benchmarks"]) {
    if (row["run_type"] != "iteration") continue;
    const Case c = ParseCaseName(row["name"].get<std::string>());
    trials.push_back("context:" + std::to_string(c.context) + " " +
                     (row.value("error_occurred", false) ? row["error_message"].get<std::string>()
                                                         : "trial " + row["repetition_index"].dump()));
  }
  return trials;
}

std::size_t SweepTest::CaseFiles() const {
  std::size_t files = 0;
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(run_ / "cases", none_yet))
    files += entry.path().extension() == ".json";
  return files;
}

std::vector<pid_t> SweepTest::Children() const {
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    std::stringstream words;
    if (file) words << file.rdbuf();
    const std::string text = words.str();
    if (text.starts_with("transformer_bench") && text.find(directory_.string()) != std::string::npos) {
      children.push_back(std::stoi(entry.path().filename()));
    }
  }
  return children;
}

}  // namespace tbench
