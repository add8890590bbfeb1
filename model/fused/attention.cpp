#include "model/fused/attention.h"

#include <stdexcept>
#include <utility>

namespace tbench {

std::unique_ptr<FusedAttention> MakeAttention(Attention backend, const AttentionShape& shape, AttentionInputs inputs,
                                              Precision precision) {
  switch (backend) {
    case Attention::kNaive:
      return MakeMaterializedAttention(shape, std::move(inputs), precision);
    case Attention::kShort:
      return MakeShortAttention(shape, std::move(inputs));
    case Attention::kCudnn:
    case Attention::kFlash:
    case Attention::kEfficient:
      return MakeSdpaAttention(shape, std::move(inputs), backend);
    case Attention::kSdpa:
    case Attention::kMath:
      break;
  }
  throw std::logic_error("an attention that the fused model does not have");
}

}  // namespace tbench
