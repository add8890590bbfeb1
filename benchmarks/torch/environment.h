#pragma once

#include <map>
#include <string>

namespace tbench {

// Variables of the environment that libraries read behind a step's back; the one table of them is in the source.

// InputError for one that changes what a case's name says.
void RefuseHiddenChanges(const char* const* environment);

// Those that change how a step is computed, and no name's meaning: "env.NAME" -> value, for the JSON's context.
// `environment` is as `environ`: "NAME=VALUE", ended by a null pointer.
std::map<std::string, std::string> EnvironmentOfSteps(const char* const* environment);

}  // namespace tbench
