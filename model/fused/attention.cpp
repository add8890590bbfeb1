#include "model/fused/attention.h"

#include <utility>

namespace tbench {

std::unique_ptr<FusedAttention> MakeAttention(AttentionBackend backend, const AttentionShape& shape,
                                              AttentionInputs inputs, Arithmetic arithmetic) {
  switch (backend) {
    case AttentionBackend::kScoresWritten:
      return MakeWrittenAttention(shape, std::move(inputs), arithmetic);
    case AttentionBackend::kShort:
      return MakeShortAttention(shape, std::move(inputs));
    case AttentionBackend::kCudnn:
    case AttentionBackend::kFlash:
    case AttentionBackend::kEfficient:
      break;
  }
  return MakeSdpaAttention(shape, std::move(inputs), backend);
}

}  // namespace tbench
