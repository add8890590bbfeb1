#include "tests/benchmarks/harness/fake_device.h"

#include <signal.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <new>
#include <stdexcept>
#include <thread>

namespace tbench {
namespace {

struct DeviceLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class FakeStep final : public Step {
 public:
  FakeStep(const FakeOptions& options, FakeLog& log, const Case& c)
      : options_(options), log_(log), name_(CaseName(c)), warmups_(c.warmups) {
    for (const auto& [part, fault] : options.faults) {
      if (name_.find(part) != std::string::npos) fault_ = fault;
    }
    MeetFault("setup");
    log_.events.push_back("build " + name_);
    log_.most_alive = std::max(log_.most_alive, ++log_.alive);
  }
  ~FakeStep() override {
    --log_.alive;
    log_.events.push_back("free " + name_);
  }

  void Run(PhaseMarks& marks) override {
    const std::int64_t step = log_.steps[name_]++;
    MeetFault(step < warmups_ ? "warmup" + std::to_string(step) : "trial" + std::to_string(step - warmups_));
    std::this_thread::sleep_for(std::chrono::duration<double, std::micro>(options_.step_us));
    marks.End(Phase::kForward);
  }
  double Loss() override { return loss_; }
  std::string Label() const override { return ""; }

 private:
  void MeetFault(const std::string& now) {
    if (fault_.when != now) return;
    if (fault_.kind == "throw") throw std::runtime_error("planted in " + now);
    if (fault_.kind.starts_with("say ")) throw std::runtime_error(fault_.kind);
    if (fault_.kind == "unknown") throw 42;
    if (fault_.kind == "oom") throw std::bad_alloc();
    if (fault_.kind == "lost") throw DeviceLost("planted in " + now);
    if (fault_.kind == "unsupported") throw NotSupported("planted in " + now);
    if (fault_.kind == "nan") loss_ = std::nan("");
    if (fault_.kind == "sigkill") kill(getpid(), SIGKILL);
    if (fault_.kind == "exit") _exit(7);
    while (fault_.kind == "hang") std::this_thread::sleep_for(std::chrono::seconds(1));
    if (fault_.kind == "half_json") {
      std::ofstream(options_.json_path) << R"({"context": {}, "benchmarks": [{"name": "tran)";
      _exit(0);
    }
  }

  const FakeOptions& options_;
  FakeLog& log_;
  std::string name_;
  std::int64_t warmups_;
  Fault fault_;
  double loss_ = 9.2;
};

// Every ceiling and every kernel takes one second.
class FakeProbe final : public Probe {
 public:
  ProbeReading Measure() override { return {.time = std::chrono::seconds(1), .enqueue = {}, .trial = {}}; }
};

// Says what it is told to, and 0.1 % more at every trial, whatever a step really takes; that only makes the last digits
// differ, as those of measurements do.
class FakeTimer final : public Timer {
 public:
  explicit FakeTimer(double time_us) : time_us_(time_us) {}
  Trial Time(const TimedStep& step) override {
    const Microseconds taken = timer_.Time(step).iteration;
    Trial trial;
    trial.iteration = Microseconds(time_us_ * (1 + 0.001 * double(trials_++))) + 1e-6 * taken;
    trial.end_to_end = trial.iteration;
    return trial;
  }

 private:
  HostTimer timer_;
  double time_us_;
  int trials_ = 0;
};

class FakeDevice final : public Device {
 public:
  FakeDevice(FakeOptions options, FakeLog& log)
      : options_(std::move(options)), log_(log), fake_timer_(options_.time_us) {}

  bool is_gpu() const override { return options_.gpu; }
  bool has_fused_products() const override { return options_.gpu; }
  std::optional<int> cpu_threads() const override { return options_.cpu_threads; }
  std::map<std::string, std::string> Context() const override { return options_.context; }
  std::unique_ptr<Probe> MakeCeiling(const Ceiling& ceiling) override {
    for (const auto& [part, fault] : options_.faults) {
      if (CeilingName(ceiling).find(part) != std::string::npos) throw std::runtime_error("planted in " + fault.when);
    }
    return std::make_unique<FakeProbe>();
  }
  std::unique_ptr<Probe> MakeKernel(const Kernel&) override {
    if (!options_.gpu) throw NotSupported("a fused kernel needs a GPU");
    return std::make_unique<FakeProbe>();
  }
  GpuState ReadState() const override { return options_.state; }
  std::vector<GpuActivity> Profile(const std::function<void()>& work, const std::filesystem::path& trace) override {
    work();
    if (options_.activities.empty()) throw std::runtime_error("no profiler here");
    std::filesystem::create_directories(trace.parent_path());
    std::ofstream(trace) << "{}";
    return options_.activities;
  }
  Timer& timer() override {
    if (options_.time_us > 0) return fake_timer_;
    return timer_;
  }
  void Synchronize() override {}
  void ResetPeakMemory() override {}
  std::optional<PeakMemory> peak_memory() const override { return std::nullopt; }
  std::string Describe(const std::exception_ptr& error) const override { return DescribeStandardError(error); }
  bool IsUsableAfter(const std::exception_ptr& error) const override {
    try {
      std::rethrow_exception(error);
    } catch (const DeviceLost&) {
      return false;
    } catch (...) {
      return true;
    }
  }
  void CleanUp() noexcept override { log_.events.emplace_back("clean up"); }

 private:
  std::unique_ptr<Step> BuildStep(const Case& c, const ModelConfig&) override {
    return std::make_unique<FakeStep>(options_, log_, c);
  }

  FakeOptions options_;
  FakeLog& log_;
  HostTimer timer_;
  FakeTimer fake_timer_;
};

}  // namespace

std::map<std::string, Fault> ParseFaults(const std::string& text) {
  std::map<std::string, Fault> faults;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(';', begin), text.size());
    const std::string one = text.substr(begin, end - begin);
    const std::size_t equals = one.rfind('='), at = one.rfind('@');
    if (equals == std::string::npos || at == std::string::npos || at < equals) throw std::invalid_argument(one);
    faults[one.substr(0, equals)] = {one.substr(equals + 1, at - equals - 1), one.substr(at + 1)};
    begin = end + 1;
  }
  return faults;
}

std::unique_ptr<Device> MakeFakeDevice(const FakeOptions& options, FakeLog& log) {
  return std::make_unique<FakeDevice>(options, log);
}

}  // namespace tbench
