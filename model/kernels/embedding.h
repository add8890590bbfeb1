#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// Rows of a table by token. T is float or __nv_bfloat16; pointers are aligned to 16 bytes, `width` is a multiple of 8.
namespace tbench::kernels {

// x [rows, width] = table[tokens]; table [vocab, width].
template <class T>
cudaError_t EmbeddingForward(cudaStream_t stream, const T* table, const std::int64_t* tokens, T* x, std::int64_t rows,
                             std::int64_t width);

// dtable [vocab, width], all of it written: the sum, in FP32, of dx's rows with that token, 0 where there is none.
// `first` [vocab] and `next` [rows] are scratch. Rows of one token are added in no fixed order.
template <class T>
cudaError_t EmbeddingBackward(cudaStream_t stream, const T* dx, const std::int64_t* tokens, T* dtable, int* first,
                              int* next, std::int64_t rows, std::int64_t vocab, std::int64_t width);

}  // namespace tbench::kernels
