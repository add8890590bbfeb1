#pragma once

namespace tbench::kernels {

// Whether the current device runs the kernels of this folder: compute capability 9.0.
bool HasHopperGemms();

}  // namespace tbench::kernels
