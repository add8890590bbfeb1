#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/names/case.h"
#include "model/spec/config.h"

namespace tbench {

// Which cases to build: a preset, and what replaces its axes.
struct GridOptions {
  std::string preset;                       // empty: `published` where a GPU is, else `quick`
  std::vector<NamedModel> own_models;       // they take the place of the preset's, unless `axes` lists models
  std::map<std::string, std::string> axes;  // axis key -> comma-separated values

  bool operator==(const GridOptions&) const = default;
};

struct Grid {
  ModelTable models;
  std::vector<Case> cases;  // the axes multiplied out, the last one running fastest
};

std::vector<std::string> PresetNames();

// InputError for an unknown preset, model or value, and for a value that is listed twice.
Grid BuildGrid(const GridOptions& options, bool gpu_present);

}  // namespace tbench
