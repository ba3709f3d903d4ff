#include "requirements/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "json/show.h"
#include "requirements/compile.h"
#include "requirements/hints.h"

namespace lockable::requirements {
namespace {

constexpr std::size_t kConditionsTold = 4;
constexpr std::size_t kNearestTold = 3;
constexpr std::size_t kHintsTold = 2;
constexpr std::size_t kValuesTold = 3;
constexpr std::size_t kShort = 60;  // bytes of a value in a message

}  // namespace

Explanation::Explanation(const Query& query, const std::vector<Resource>& resources, const HideSecrets& hide)
    : conditions_(query.compiled().conditions.stated()), resources_(resources), hide_(hide) {
  for (const Resource& resource : resources_) {
    std::vector<std::size_t> failed;
    for (std::size_t i = 0; i < conditions_.size(); ++i)
      if (!conditions_[i].holds(resource.info)) failed.push_back(i);
    order_.push_back(failed_.size());
    failed_.push_back(std::move(failed));
  }
  count_fails();
  std::stable_sort(order_.begin(), order_.end(),
                   [this](std::size_t a, std::size_t b) { return distance(a) < distance(b); });
}

void Explanation::count_fails() {
  fails_.assign(conditions_.size(), 0);
  for (const auto& failed : failed_)
    for (const std::size_t i : failed) ++fails_[i];
}

// How many conditions it fails; then it is nearer when it fulfils those that few do.
std::pair<std::size_t, std::size_t> Explanation::distance(std::size_t resource) const {
  std::size_t sum = 0;
  for (const std::size_t i : failed_[resource]) sum += fails_[i];
  return {failed_[resource].size(), sum};
}

std::string Explanation::text() const { return counts() + nearest() + hints(); }

std::string Explanation::counts() const {
  std::vector<std::pair<std::size_t, std::size_t>> most;
  for (std::size_t i = 0; i < fails_.size(); ++i)
    if (fails_[i] > 0) most.emplace_back(i, fails_[i]);
  std::stable_sort(most.begin(), most.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < most.size() && i < kConditionsTold; ++i)
    text += fmt::format("\n  {} of {} fail {}{}", most[i].second, resources_.size(),
                        stated(conditions_[most[i].first]), found_instead(most[i].first));
  return text;
}

// "; they have "nrf52" (30), "esp32" (8)"
std::string Explanation::found_instead(std::size_t condition) const {
  if (conditions_[condition].path.steps() == 0) return "";
  std::map<std::string, std::size_t> values;
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    if (!std::binary_search(failed_[i].begin(), failed_[i].end(), condition)) continue;
    const Json value = shown(conditions_[condition], resources_[i].info);
    ++values[value.is_discarded() ? "none" : show(value, kShort)];
  }
  if (values.size() == 1 && values.begin()->first == "none") return "";
  std::vector<std::pair<std::string, std::size_t>> most(values.begin(), values.end());
  std::stable_sort(most.begin(), most.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = "; they have ";
  for (std::size_t i = 0; i < most.size() && i < kValuesTold; ++i)
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", most[i].first, most[i].second);
  return most.size() > kValuesTold ? text + ", …" : text;
}

std::string Explanation::nearest() const {
  std::string text;
  for (std::size_t i = 0; i < order_.size() && i < kNearestTold; ++i) {
    const auto& failed = failed_[order_[i]];
    if (failed.size() > 2 || (failed.size() == conditions_.size() && conditions_.size() > 2)) break;
    text += fmt::format("\n  nearest: {}", show(resources_[order_[i]].id, kShort));
    for (std::size_t k = 0; k < failed.size(); ++k)
      text += fmt::format("{} {}", k == 0 ? ", but" : " and",
                          found(conditions_[failed[k]], resources_[order_[i]].info));
  }
  return text;
}

std::string Explanation::hints() const {
  std::string text;
  std::size_t told = 0;
  const Hints hints(resources_, hide_);
  for (const Stated& condition : conditions_) {
    const std::string hint = hints.about(condition);
    if (hint.empty() || ++told > kHintsTold) continue;
    text += "\n  " + hint;
  }
  // The defaults, when they are what is in the way of the nearest.
  if (told >= kHintsTold || failed_[order_.front()].size() != 1) return text;
  const std::string& key = conditions_[failed_[order_.front()].front()].key;
  if (key == "hostname")
    text += "\n  resources of other hosts: state \"hostname\": null, or give --hostname, to take them too";
  if (key == "online") text += "\n  state \"online\": null to take those too that are not online";
  return text;
}

std::string Explanation::stated(const Stated& condition) const {
  return show(hide_({{condition.key, condition.operand}}), 2 * kShort);
}

// What is at the path, secrets hidden; discarded when nothing is.
Json Explanation::shown(const Stated& condition, const Json& info) const {
  Json result(Json::value_t::discarded);
  condition.path.any<Leaf::kWhole>(hide_(info), [&](const Json* at) {
    if (at == nullptr) return false;
    result = hide_({{condition.key, *at}}).at(condition.key);
    return true;
  });
  return result;
}

// "type" is "esp32"
std::string Explanation::found(const Stated& condition, const Json& info) const {
  if (condition.path.steps() == 0) return fmt::format("{} does not hold", condition.key);
  const Json value = shown(condition, info);
  const std::string key = show(condition.key, kShort);
  return value.is_discarded() ? fmt::format("it has no {}", key)
                              : fmt::format("{} is {}", key, show(value, kShort));
}

}  // namespace lockable::requirements
