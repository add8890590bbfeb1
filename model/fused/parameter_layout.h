#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/spec/config.h"

namespace tbench {

// Where the fused model's parameters lie in one array. What is multiplied at once is adjacent: q, k and v, w1 and w3,
// and all norms, of each layer's first and second and then the last one.
class ParameterLayout {
 public:
  explicit ParameterLayout(const ModelConfig& config);

  struct Slice {
    std::string name;     // as the modules of Transformer are called
    std::int64_t offset;  // elements
    std::vector<std::int64_t> shape;
  };
  // In the order of Transformer::named_parameters.
  const std::vector<Slice>& slices() const { return slices_; }
  std::int64_t size() const { return size_; }  // elements, with the gaps that alignment leaves

  // Offsets in elements; weights begin at multiples of 256 bytes.
  std::int64_t embeddings() const { return 0; }
  std::int64_t norms() const { return norms_; }                                         // [2·layers + 1, d]
  std::int64_t qkv(std::int64_t layer) const { return layers_ + layer * layer_size_; }  // [qkv columns, d]
  std::int64_t output(std::int64_t layer) const { return qkv(layer) + output_; }        // [d, query columns]
  std::int64_t w13(std::int64_t layer) const { return qkv(layer) + w13_; }              // [2f, d]
  std::int64_t w2(std::int64_t layer) const { return qkv(layer) + w2_; }                // [d, f]
  std::int64_t head() const { return head_; }                                           // [V, d]

 private:
  std::vector<Slice> slices_;
  std::int64_t size_ = 0, norms_ = 0, layers_ = 0, layer_size_ = 0, output_ = 0, w13_ = 0, w2_ = 0, head_ = 0;
};

}  // namespace tbench
