#include "model/composed/batch.h"

#include <ATen/ops/randint.h>

#include "model/composed/seeded_generator.h"

namespace tbench {

Batch RandomBatch(const ModelConfig& config, std::int64_t batch, std::int64_t context, const at::Device& device,
                  std::uint64_t seed) {
  const at::Tensor tokens = at::randint(0, config.vocab, {batch, context + 1}, SeededGenerator(device, seed),
                                        at::TensorOptions(device).dtype(at::kLong));
  return {tokens.narrow(1, 0, context).contiguous(), tokens.narrow(1, 1, context).contiguous()};
}

}  // namespace tbench
