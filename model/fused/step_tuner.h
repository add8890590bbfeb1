#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>

#include "model/fused/step_plan.h"
#include "model/fused/step_stages.h"
#include "model/fused/weight_gradients.h"

namespace tbench {

// Chooses by timing on the GPU what a plan leaves open: algorithms, split-K, what is computed in epilogues, and the
// schedule of weight gradients.
class StepTuner {
 public:
  StepTuner(const StepContext& context, StepStages& stages, StepPlan& plan, WeightGradients& weight_gradients);

  // `step` runs the whole step but for the optimizer; `backward`: whether it has a backward pass. Overwrites
  // activations; parameters are there.
  void Tune(bool backward, const std::function<void()>& step);

 private:
  using RunLayer = std::function<void(std::int64_t layer)>;

  void FillActivations();
  void TuneForward();
  void TuneBackward();
  void ChooseSplits(LinearPlan& linear, LinearGemm kind, const RunLayer& run);
  bool HasEpilogues() const;
  void ChooseFusion(Fusion& fusion, const RunLayer& run);
  void ReconsiderFusions(std::initializer_list<Fusion*> fusions, const std::function<void()>& step);
  float TimeLayers(std::int64_t layers, const RunLayer& run) const;

  const StepContext context_;
  StepStages& stages_;
  StepPlan& plan_;
  WeightGradients& weight_gradients_;
};

}  // namespace tbench
