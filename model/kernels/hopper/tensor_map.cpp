#include "model/kernels/hopper/tensor_map.h"

#include <array>

namespace tbench::kernels::hopper {
namespace {

using EncodeTiled = decltype(&cuTensorMapEncodeTiled);

// The driver's, without linking it: the program also runs where there is none.
EncodeTiled FindEncodeTiled() {
  void* found = nullptr;
  cudaDriverEntryPointQueryResult result{};
  constexpr unsigned kSince = 12000;  // CUDA 12.0
  const cudaError_t error =
      cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &found, kSince, cudaEnableDefault, &result);
  return error == cudaSuccess && result == cudaDriverEntryPointSuccess ? reinterpret_cast<EncodeTiled>(found) : nullptr;
}

}  // namespace

cudaError_t MakeTensorMap(CUtensorMap& map, const __nv_bfloat16* data, const TensorShape& shape,
                          const std::uint32_t (&box)[3]) {
  static const EncodeTiled encode = FindEncodeTiled();
  if (encode == nullptr) return cudaErrorNotSupported;
  std::array<std::uint64_t, 3> sizes{};
  for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = std::uint64_t(shape.sizes[i]);
  const std::array<std::uint64_t, 2> strides{std::uint64_t(shape.strides[0]) * sizeof(__nv_bfloat16),
                                             std::uint64_t(shape.strides[1]) * sizeof(__nv_bfloat16)};
  const std::array<std::uint32_t, 3> every{1, 1, 1};
  const CUresult result =
      encode(&map, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 3, const_cast<__nv_bfloat16*>(data), sizes.data(), strides.data(),
             box, every.data(), CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
             CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  return result == CUDA_SUCCESS ? cudaSuccess : cudaErrorInvalidValue;
}

}  // namespace tbench::kernels::hopper
