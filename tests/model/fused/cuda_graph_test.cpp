#include "model/fused/cuda_graph.h"

#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAGuard.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/kernels/cuda_check.h"

namespace tbench {
namespace {

// Times of the two ways, in the order in which they are asked for.
bool IsFaster(const std::vector<float>& first, const std::vector<float>& second) {
  std::vector<float> left[2] = {first, second};
  std::string order;
  const bool faster = IsFasterInTurn([&](bool is_second) {
    order += is_second ? '1' : '0';
    const float time = left[is_second].front();
    left[is_second].erase(left[is_second].begin());
    return time;
  });
  EXPECT_EQ(order, "0110");
  return faster;
}

TEST(IsFasterInTurn, NeedsAGainOfBothsShorterTimes) {
  EXPECT_TRUE(IsFaster({100, 100}, {98, 98}));
  EXPECT_FALSE(IsFaster({100, 100}, {99.5, 99.5})) << "a step differs from itself by that";
  EXPECT_FALSE(IsFaster({100, 100}, {100, 100}));
  EXPECT_FALSE(IsFaster({98, 98}, {100, 100}));
  EXPECT_FALSE(IsFaster({115, 100}, {100, 100})) << "one is far off";
  EXPECT_TRUE(IsFaster({100, 100}, {98, 115}));
}

class CaptureOnAGpu : public testing::Test {
 protected:
  void SetUp() override {
    if (at::cuda::device_count() == 0) GTEST_SKIP() << "needs a GPU that CUDA sees";
    stream_.emplace(at::cuda::getStreamFromPool());
    guard_.emplace(*stream_);
    graph_.emplace(/*keep_graph=*/true);
  }

  std::vector<cudaGraphNodeType> NodeTypes() {
    std::size_t count = 0;
    CheckCuda(cudaGraphGetNodes(graph_->raw_cuda_graph(), nullptr, &count), "count nodes");
    std::vector<cudaGraphNode_t> nodes(count);
    CheckCuda(cudaGraphGetNodes(graph_->raw_cuda_graph(), nodes.data(), &count), "read nodes");
    std::vector<cudaGraphNodeType> types(count);
    for (std::size_t i = 0; i < count; ++i) CheckCuda(cudaGraphNodeGetType(nodes[i], &types[i]), "read a node");
    return types;
  }

  std::optional<c10::cuda::CUDAStream> stream_;
  std::optional<c10::cuda::CUDAStreamGuard> guard_;
  std::optional<at::cuda::CUDAGraph> graph_;  // made where there is a GPU
};

// Between kernels, so that a lost edge shows: what is set is doubled, and is copied elsewhere before.
TEST_F(CaptureOnAGpu, MemsetsAreKernelsThatWriteTheSame) {
  for (const int bytes : {1, 15, 16, 4096, 100'003}) {
    const at::Tensor x = at::zeros({bytes}, at::TensorOptions(at::kCUDA).dtype(at::kByte)), before = at::zeros_like(x),
                     behind = at::full({64}, 7, x.options()), whole = at::cat({x, behind});
    at::cuda::CUDAGraph graph(/*keep_graph=*/true);
    Capture(graph, [&] {
      before.copy_(whole.narrow(0, 0, bytes) + 1);
      CheckCuda(cudaMemsetAsync(whole.data_ptr(), 21, std::size_t(bytes), *stream_), "set memory");
      x.copy_(whole.narrow(0, 0, bytes) * 2);
    });
    for (int replay = 0; replay < 2; ++replay) {
      whole.narrow(0, 0, bytes).fill_(4);
      graph.replay();
      EXPECT_TRUE(before.eq(5).all().item<bool>()) << bytes;
      EXPECT_TRUE(x.eq(42).all().item<bool>()) << bytes;
      EXPECT_TRUE(whole.narrow(0, bytes, 64).eq(7).all().item<bool>()) << bytes;
    }
  }
}

TEST_F(CaptureOnAGpu, OnlyAlignedMemsetsBecomeKernels) {
  const at::Tensor x = at::ones({64}, at::TensorOptions(at::kCUDA).dtype(at::kByte));
  auto* const data = static_cast<char*>(x.data_ptr());
  Capture(*graph_, [&] {
    CheckCuda(cudaMemsetAsync(data, 3, 16, *stream_), "set memory");
    CheckCuda(cudaMemsetAsync(data + 17, 5, 8, *stream_), "set memory");
  });
  EXPECT_EQ(NodeTypes(), (std::vector{cudaGraphNodeTypeMemset, cudaGraphNodeTypeKernel}));
  graph_->replay();
  EXPECT_EQ(x.sum().item<std::int64_t>(), 3 * 16 + 5 * 8 + (64 - 16 - 8));
}

TEST_F(CaptureOnAGpu, TellsWhatTheWorkThrew) {
  EXPECT_THROW(Capture(*graph_, [] { throw std::invalid_argument("of the work"); }), std::invalid_argument);
  const at::Tensor x = at::ones({8}, at::kCUDA);  // the stream is usable again
  EXPECT_EQ(x.sum().item<double>(), 8);
}

}  // namespace
}  // namespace tbench
