#include "cli/ctest/demand.h"

#include <map>

#include "json/read_json.h"
#include "platform/file.h"

namespace lockable::cli {

std::string demand_text(const std::vector<Wants>& tests) {
  std::map<Json, std::size_t> counts;
  for (const Wants& wants : tests) {
    Json candidates = Json::array();
    for (const Want& want : wants) candidates.push_back(want.candidates);
    ++counts[std::move(candidates)];
  }
  Json text = Json::array();
  for (const auto& [candidates, count] : counts)
    text.push_back({{"count", count}, {"candidates", candidates}});
  return text.dump() + "\n";
}

std::vector<Demand> read_demand(const std::string& path) noexcept try {
  std::vector<Demand> result;
  for (const Json& kind : read_json(platform::read_file(path))) {
    std::vector<Want> wants;
    for (const Json& candidates : kind.at("candidates"))
      wants.push_back({candidates.get<std::vector<std::string>>()});
    result.push_back({Wants(std::move(wants)), kind.at("count").get<std::size_t>()});
  }
  return result;
} catch (const std::exception&) {
  return {};
}

}  // namespace lockable::cli
