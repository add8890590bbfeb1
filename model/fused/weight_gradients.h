#pragma once

#include <ATen/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAStream.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "model/fused/gemm.h"
#include "model/fused/linear_plan.h"
#include "model/spec/precision.h"

namespace tbench {

enum class LayerLinear { kQkv, kOutput, kW13, kW2 };

// A weight's gradient, of the head or of one of the linear layers of each Transformer layer.
struct WeightGradient {
  LinearShape shape;
  // dy, x and dW of a layer; the head is its own only one.
  std::function<Gemm::Operands(std::int64_t layer)> operands;
  bool is_regular;  // whether each operand lies at the same distance from layer to layer, and stays there
};

// The weights' gradients of all layers. Nothing of the backward pass waits for them: they may be multiplied beside it,
// and those of several layers at once, which leaves fewer multiprocessors idle at the end of a GEMM.
class WeightGradients {
 public:
  WeightGradients(cublasLtHandle_t handle, Precision precision, at::Device device, std::int64_t layers,
                  WeightGradient head, std::array<WeightGradient, 4> of_layer);  // in the order of LayerLinear

  struct Schedule {
    bool on_side_stream;  // a stream of their own
    int share;            // 1/share of the multiprocessors is what the GEMMs are meant for
    std::int64_t group;   // so many layers at once; divides their number
  };
  // Those that may be the fastest for so many layers, the simplest first.
  static std::vector<Schedule> Candidates(std::int64_t layers);
  // The simplest is in use until another one is. Not between the first Run of a backward pass and Finish.
  void Use(const Schedule& schedule);
  // Uses the fastest, by the time of `step`, a forward and a backward pass on the current stream, with each. The
  // operands are there.
  void Tune(const std::function<void()>& step);

  // For the backward pass, on the current stream, from the last layer to the first, as soon as the operands are there:
  // some of them may be in a cache still. A group's are multiplied when its first layer comes.
  void RunHead();
  void Run(LayerLinear linear, std::int64_t layer);
  // What the current stream is given from here on runs after all of them.
  void Finish();
  // In place of Finish where the backward pass threw: a capture of it cannot be ended before its streams are joined.
  void Abandon() noexcept;

 private:
  struct Plan {
    WeightGradient gradient;
    std::unique_ptr<Gemm> gemm;
  };

  std::unique_ptr<Gemm> Make(const WeightGradient& gradient, std::int64_t group) const;
  std::int64_t GroupOf(const Plan& plan) const { return plan.gradient.is_regular ? schedule_.group : 1; }
  void TuneGemms();
  std::vector<Plan*> Plans();
  at::cuda::CUDAStream Fork();  // the stream to multiply on, after what the current one was given

  cublasLtHandle_t handle_;
  Precision precision_;
  std::int64_t layers_;
  Plan head_;
  std::array<Plan, 4> of_layer_;
  Schedule schedule_;
  at::cuda::CUDAStream side_;
  at::cuda::CUDAEvent event_;
  bool forked_ = false;  // the side stream was given work that the current one does not wait for yet
  GemmWorkspace workspace_;
};

}  // namespace tbench
