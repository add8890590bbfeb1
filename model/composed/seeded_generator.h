#pragma once

#include <ATen/Context.h>

#include <cstdint>

namespace tbench {

// Numbers of a seed's own, whatever the device's default generator has drawn.
inline at::Generator SeededGenerator(const at::Device& device, std::uint64_t seed) {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(seed);
  return generator;
}

}  // namespace tbench
