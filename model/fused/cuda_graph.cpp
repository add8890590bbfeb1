#include "model/fused/cuda_graph.h"

#include <ATen/cuda/CUDAEvent.h>
#include <c10/cuda/CUDACachingAllocator.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "model/kernels/cuda_check.h"
#include "model/kernels/fill_node.h"

namespace tbench {
namespace {

// Microseconds by which a GPU at its power limit has settled. Work of which so many are shorter keeps below the limit.
constexpr float kSustained = 3e5F;
constexpr int kMaxReplays = 50;

struct Edges {
  std::vector<cudaGraphNode_t> nodes;
  std::vector<cudaGraphEdgeData> data;
};

// `get` is cudaGraphNodeGetDependencies or cudaGraphNodeGetDependentNodes.
template <class Get>
Edges EdgesOf(cudaGraphNode_t node, Get get) {
  std::size_t count = 0;
  CheckCuda(get(node, nullptr, nullptr, &count), "count a graph's edges");
  Edges edges{std::vector<cudaGraphNode_t>(count), std::vector<cudaGraphEdgeData>(count)};
  if (count > 0) CheckCuda(get(node, edges.nodes.data(), edges.data.data(), &count), "read a graph's edges");
  return edges;
}

void ReplaceMemset(cudaGraph_t graph, cudaGraphNode_t memset) {
  cudaMemsetParams what{};
  CheckCuda(cudaGraphMemsetNodeGetParams(memset, &what), "read a graph's memset");
  if (!kernels::CanBeFillNode(what)) return;
  cudaGraphNode_t fill = nullptr;
  CheckCuda(kernels::AddFillNode(graph, what, &fill), "add a kernel to a graph");
  const Edges before = EdgesOf(memset, cudaGraphNodeGetDependencies);
  const Edges after = EdgesOf(memset, cudaGraphNodeGetDependentNodes);
  const std::vector<cudaGraphNode_t> to(before.nodes.size(), fill), from(after.nodes.size(), fill);
  CheckCuda(cudaGraphAddDependencies(graph, before.nodes.data(), to.data(), before.data.data(), to.size()),
            "add edges to a graph");
  CheckCuda(cudaGraphAddDependencies(graph, from.data(), after.nodes.data(), after.data.data(), from.size()),
            "add edges to a graph");
  CheckCuda(cudaGraphDestroyNode(memset), "remove a node of a graph");
}

void ReplaceMemsets(cudaGraph_t graph) {
  std::size_t count = 0;
  CheckCuda(cudaGraphGetNodes(graph, nullptr, &count), "count a graph's nodes");
  std::vector<cudaGraphNode_t> nodes(count);
  CheckCuda(cudaGraphGetNodes(graph, nodes.data(), &count), "read a graph's nodes");
  for (const cudaGraphNode_t node : nodes) {
    cudaGraphNodeType type{};
    CheckCuda(cudaGraphNodeGetType(node, &type), "read a graph's node");
    if (type == cudaGraphNodeTypeMemset) ReplaceMemset(graph, node);
  }
}

// "why; " of what ended the work of a capture; empty where nothing did.
std::string TextOf(const std::exception_ptr& error) {
  if (!error) return "";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return std::string(e.what()) + "; ";
  } catch (...) {
    return "an exception of unknown type; ";
  }
}

class TimedGraph {
 public:
  explicit TimedGraph(const std::function<void()>& work) {
    Capture(graph_, work);
    Time(1);  // the first replay uploads the graph and loads kernels
  }
  // Microseconds of one replay, of `replays` in a row.
  float Time(int replays) {
    start_.record();
    for (int i = 0; i < replays; ++i) graph_.replay();
    stop_.record();
    stop_.synchronize();
    return start_.elapsed_time(stop_) * 1e3F / float(replays);
  }

 private:
  at::cuda::CUDAGraph graph_{/*keep_graph=*/true};  // not CUDA's own: LibTorch's operators allocate memory
  at::cuda::CUDAEvent start_{cudaEventDefault}, stop_{cudaEventDefault};
};

}  // namespace

bool IsGpuUsableAfter(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const CaptureFailure&) {
    return false;
  } catch (...) {
    static_cast<void>(cudaGetLastError());
    return cudaDeviceSynchronize() == cudaSuccess;
  }
}

void Capture(at::cuda::CUDAGraph& graph, const std::function<void()>& work) {
  graph.capture_begin();
  std::exception_ptr of_work;
  try {
    work();
  } catch (...) {
    of_work = std::current_exception();
  }
  try {
    graph.capture_end();
  } catch (const std::exception& e) {
    throw CaptureFailure(TextOf(of_work) + "a capture could not be ended: " + e.what());
  }
  if (of_work) std::rethrow_exception(of_work);
  ReplaceMemsets(graph.raw_cuda_graph());
  graph.instantiate();
}

float TimeInGraph(int timings, const std::function<void()>& work) {
  TimedGraph graph(work);
  float best = std::numeric_limits<float>::infinity();
  for (int i = 0; i < timings; ++i) best = std::min(best, graph.Time(1));
  return best;
}

float TimeSustained(const std::function<void()>& work) {
  work();
  c10::cuda::CUDACachingAllocator::emptyCache();  // of a graph before, whose memory was its own
  TimedGraph graph(work);
  const int replays = std::clamp(int(kSustained / graph.Time(1)), 1, kMaxReplays);
  graph.Time(replays);  // while it settles
  return graph.Time(replays);
}

bool IsFasterInTurn(const std::function<float(bool second)>& time) {
  std::array<float, 2> best{std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity()};
  for (const bool second : {false, true, true, false}) best[second] = std::min(best[second], time(second));
  return best[1] < kStepGain * best[0];
}

}  // namespace tbench
