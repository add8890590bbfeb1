#include "model/fused/weight_gradients.h"

#include <ATen/cuda/CUDAContext.h>

#include <limits>
#include <utility>

#include "model/fused/cuda_graph.h"

namespace tbench {
namespace {

std::int64_t Elements(const void* from, const void* to, Precision precision) {
  return (static_cast<const char*>(to) - static_cast<const char*>(from)) / BytesOf(TraitsOf(precision).element);
}

}  // namespace

WeightGradients::WeightGradients(cublasLtHandle_t handle, Precision precision, at::Device device, std::int64_t layers,
                                 WeightGradient head, std::array<WeightGradient, 4> of_layer)
    : handle_(handle),
      precision_(precision),
      layers_(layers),
      head_{std::move(head), nullptr},
      schedule_(Candidates(layers).front()),
      side_(at::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())),
      workspace_(device) {
  for (std::size_t i = 0; i < of_layer.size(); ++i) of_layer_[i].gradient = std::move(of_layer[i]);
  Use(schedule_);
}

std::vector<WeightGradients::Schedule> WeightGradients::Candidates(std::int64_t layers) {
  std::int64_t group = 4;
  while (layers % group != 0) --group;
  std::vector<Schedule> candidates{{false, 1, 1}, {true, 2, 1}};
  if (layers > 1) candidates.push_back({false, 1, layers});
  if (group > 1) candidates.push_back({true, 2, group});
  return candidates;
}

std::vector<WeightGradients::Plan*> WeightGradients::Plans() {
  std::vector<Plan*> plans{&head_};
  for (Plan& plan : of_layer_) plans.push_back(&plan);
  return plans;
}

std::unique_ptr<Gemm> WeightGradients::Make(const WeightGradient& gradient, std::int64_t group) const {
  GemmOptions options;
  if (schedule_.share > 1) {
    options.multiprocessors = at::cuda::getCurrentDeviceProperties()->multiProcessorCount / schedule_.share;
  }
  if (group > 1) {
    const Gemm::Operands first = gradient.operands(0), second = gradient.operands(1);
    options.batch = {group, Elements(first.left, second.left, precision_),
                     Elements(first.right, second.right, precision_),
                     Elements(first.result, second.result, precision_)};
  }
  const auto& [rows, in, out] = gradient.shape;
  return MakeGemm(handle_, {LinearGemm::kWeightGradient, rows, in, out, 1}, precision_, options);
}

void WeightGradients::Use(const Schedule& schedule) {
  schedule_ = schedule;
  head_.gemm = Make(head_.gradient, 1);
  for (Plan& plan : of_layer_) plan.gemm = Make(plan.gradient, GroupOf(plan));
}

void WeightGradients::TuneGemms() {
  const auto tune = [this](const Plan& plan, std::int64_t layers, std::int64_t group) {
    std::vector<Gemm::Operands> operands;
    for (std::int64_t i = 0; i < layers; i += group) operands.push_back(plan.gradient.operands(i));
    plan.gemm->Tune(operands, workspace_);
  };
  tune(head_, 1, 1);
  for (const Plan& plan : of_layer_) tune(plan, layers_, GroupOf(plan));
}

void WeightGradients::Tune(const std::function<void()>& step) {
  float best = std::numeric_limits<float>::infinity();
  Schedule fastest = schedule_;
  std::vector<std::unique_ptr<Gemm>> gemms;
  for (const Schedule& candidate : Candidates(layers_)) {
    Use(candidate);
    TuneGemms();
    const float time = TimeSustained(step);
    if (time >= kTimingGain * best) continue;
    best = time;
    fastest = candidate;
    gemms.clear();
    for (Plan* plan : Plans()) gemms.push_back(std::move(plan->gemm));
  }
  schedule_ = fastest;
  for (std::size_t i = 0; i < gemms.size(); ++i) Plans()[i]->gemm = std::move(gemms[i]);
}

at::cuda::CUDAStream WeightGradients::Fork() {
  const at::cuda::CUDAStream current = at::cuda::getCurrentCUDAStream();
  if (!schedule_.on_side_stream) return current;
  event_.record(current);
  event_.block(side_);
  forked_ = true;
  return side_;
}

void WeightGradients::RunHead() { head_.gemm->Run(Fork(), head_.gradient.operands(0), workspace_); }

void WeightGradients::Run(LayerLinear linear, std::int64_t layer) {
  if (layer % schedule_.group != 0) return;  // the first layer of a group is the last to come
  const Plan& plan = of_layer_[std::size_t(linear)];
  const at::cuda::CUDAStream stream = Fork();
  for (std::int64_t i = layer; i < layer + schedule_.group; i += GroupOf(plan)) {
    plan.gemm->Run(stream, plan.gradient.operands(i), workspace_);
  }
}

void WeightGradients::Finish() {
  if (!forked_) return;
  forked_ = false;
  event_.record(side_);
  event_.block(at::cuda::getCurrentCUDAStream());
}

void WeightGradients::Abandon() noexcept {
  try {
    Finish();
  } catch (...) {  // what ended the pass says more
  }
}

}  // namespace tbench
