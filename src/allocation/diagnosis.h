/// \file
/// What an inventory has for a request, held or not.
#pragma once

#include <lockable/provider.h>
#include <lockable/requirements.h>

#include <string>
#include <vector>

namespace lockable {

struct Diagnosis {
  Requirements complete;                          ///< the requirements with the defaults
  std::vector<std::vector<std::string>> matches;  ///< for each query the ids that match
  std::vector<std::string> best;  ///< what a request would get with all resources free; empty: nothing ever
  std::string text;               ///< why it never gets anything; else empty
};

/// Throws InvalidRequirements (Query::matches). Secrets are hidden in the text.
Diagnosis diagnose(const Requirements& requirements, const Inventory& inventory, const std::string& hostname,
                   const std::vector<std::string>& secret_keys);

/// What is probably a mistake in an inventory, one line each: keys that are almost `hostname` or `online`,
/// values of the wrong type, resources that no request gets by default.
std::vector<std::string> doubts(const Inventory& inventory);

}  // namespace lockable
