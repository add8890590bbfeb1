#include "benchmarks/harness/device.h"

#include <new>

namespace tbench {

void RequireSupported(Precision precision, bool fused, bool on_gpu) {
  if (const std::string why = WhyNotSupported(precision, fused, on_gpu); !why.empty()) throw NotSupported(why);
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
