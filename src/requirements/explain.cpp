#include "requirements/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "json/show.h"
#include "requirements/agreement.h"
#include "requirements/explanation.h"

namespace lockable {
namespace {

constexpr std::size_t kGroupsTold = 4;
constexpr std::size_t kQueriesTold = 5;

std::vector<const Resource*> matches(const Query& query, const std::vector<Resource>& resources) {
  std::vector<const Resource*> matching;
  for (const Resource& resource : resources)
    if (query.matches(resource.info)) matching.push_back(&resource);
  return matching;
}

std::string list(const std::vector<const Resource*>& resources) {
  constexpr std::size_t kTold = 5;
  std::string text;
  for (std::size_t i = 0; i < resources.size() && i < kTold; ++i)
    text += (i == 0 ? "" : ", ") + resources[i]->id;
  return resources.size() > kTold ? text + ", …" : text;
}

// How many of the resources that agree match each query, for the groups in which most queries find enough.
std::string groups(const Requirements& requirements, const std::vector<Resource>& resources) {
  std::vector<requirements::Path> paths;
  for (const std::string& path : requirements.same()) paths.emplace_back(path);
  const std::vector<Query>& queries = requirements.queries();
  std::map<std::string, std::vector<int>> found;  // by what they agree on: how many for each query
  for (std::size_t i = 0; i < queries.size(); ++i)
    for (const Resource* resource : matches(queries[i], resources))
      if (const auto agreed = requirements::agreement(resource->info, paths))
        ++found.try_emplace(*agreed, queries.size(), 0).first->second[i];
  const auto enough = [&queries](const std::vector<int>& counts) {
    int sum = 0;
    for (std::size_t i = 0; i < queries.size(); ++i) sum += counts[i] >= queries[i].count() ? 1 : 0;
    return sum;
  };
  std::vector<std::pair<std::string, std::vector<int>>> best(found.begin(), found.end());
  std::stable_sort(best.begin(), best.end(),
                   [&](const auto& a, const auto& b) { return enough(a.second) > enough(b.second); });
  std::string text;
  for (std::size_t i = 0; i < best.size() && i < kGroupsTold; ++i)
    text += fmt::format("\n  with {}: {} match", best[i].first, fmt::join(best[i].second, ", "));
  return text.empty() ? "\n  no resource that matches says what it has there" : text;
}

std::string too_few(const Requirements& requirements, const std::vector<Resource>& resources,
                    const HideSecrets& hide) {
  std::string text;
  for (std::size_t i = 0; i < requirements.queries().size() && i < kQueriesTold; ++i) {
    const Query& query = requirements.queries()[i];
    const auto matching = matches(query, resources);
    text += fmt::format("\n  {} resource{} for {}: {} match{} ({})", query.count(),
                        query.count() == 1 ? "" : "s", show(hide(query.json()), 200), matching.size(),
                        matching.size() == 1 ? "es" : "", list(matching));
  }
  return text;
}

}  // namespace

std::string explain(const Requirements& requirements, const std::vector<Resource>& resources,
                    const std::string& source, const HideSecrets& hide) {
  if (resources.empty()) return fmt::format("the inventory {} has no resources", source);
  for (const Query& query : requirements.queries())
    if (matches(query, resources).empty())
      return fmt::format("no resource of {} matches {}:", source, show(hide(query.json()))) +
             requirements::Explanation(query, resources, hide).text();
  if (requirements.same().empty())
    return fmt::format("{} has too few different resources for all that are asked for at once:", source) +
           too_few(requirements, resources, hide);
  return fmt::format("{} has not enough resources with the same {} for all that are asked for at once:",
                     source, fmt::join(requirements.same(), ", ")) +
         too_few(requirements, resources, hide) + groups(requirements, resources);
}

}  // namespace lockable
