#pragma once

#include <ATen/cuda/CUDAGraph.h>
#include <cuda_runtime_api.h>

#include <exception>
#include <functional>
#include <stdexcept>

namespace tbench {

// A capture could not be ended: LibTorch's allocator still takes its memory for a graph that is none. This process can
// use the GPU no more.
struct CaptureFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Whether this process can still use the GPU after such an error: not after a CaptureFailure, nor after what a kernel
// did wrong, which every call reports from then on. Clears the error of a launch that was refused.
bool IsGpuUsableAfter(const std::exception_ptr& error);

// Captures what `work` enqueues on LibTorch's current stream, which is not the default one, and makes it ready to
// replay; the graph was made with keep_graph. Kernels take the place of memsets that allow it (kernels/fill_node.h):
// the host launches a graph of kernels alone in a fraction of the time. What `work` throws passes through when the
// capture has ended; CaptureFailure where it cannot be ended.
void Capture(at::cuda::CUDAGraph& graph, const std::function<void()>& work);

// The shortest of `timings` measured times of `work`, in microseconds, as a CUDA graph on an otherwise idle GPU:
// without the host's launches. `work` enqueues on LibTorch's current stream, the same one in all calls and not the
// default one.
float TimeInGraph(int timings, const std::function<void()>& work);

// Likewise when a GPU at its power limit has settled, as it has in a step's trials. Runs `work` once before its
// capture: that sets libraries up, which a capture does not allow.
float TimeSustained(const std::function<void()>& work);

// Where one of several candidates is chosen by its time, a later one must be that much faster than those before it: the
// first is the simplest, or a library's own choice, and times scatter.
inline constexpr float kTimingGain = 0.98F;

// Likewise of two ways to do a whole step, which differ in a small part: by more than a step differs from itself.
inline constexpr float kStepGain = 0.99F;
// Whether the second is faster by that. time(second) times one; both are timed twice, in the order 0, 1, 1, 0, and the
// shorter time counts: now and then one is far off.
bool IsFasterInTurn(const std::function<float(bool second)>& time);

}  // namespace tbench
