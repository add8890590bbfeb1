#include "benchmarks/harness/device.h"

#include <new>

namespace tbench {

std::string WhyNotSupported(const Case& c, const ModelConfig&, bool on_gpu) {
  const bool fused = c.kernels == Kernels::kFused;
  if (fused && !on_gpu) return "kernels:fused needs a GPU";
  if (c.launch == Launch::kGraph && !on_gpu) return "launch:graph needs a GPU";
  return WhyNotSupported(c.precision, fused, on_gpu);
}

std::unique_ptr<Step> Device::MakeStep(const Case& c, const ModelConfig& config) {
  if (const std::string why = WhyNotSupported(c, config, is_gpu()); !why.empty()) throw NotSupported(why);
  return BuildStep(c, config);
}

std::string DescribeStandardError(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const NotSupported& e) {
    return std::string("not_supported: ") + e.what();
  } catch (const NumericsError& e) {
    return std::string("numerics: ") + e.what();
  } catch (const std::bad_alloc&) {
    return "out_of_memory: the host has no memory left";
  } catch (const std::exception& e) {
    return std::string("failed: ") + e.what();
  } catch (...) {
    return "failed: an exception of unknown type";
  }
}

}  // namespace tbench
