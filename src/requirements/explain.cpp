#include "requirements/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "json/show.h"
#include "requirements/compile.h"
#include "requirements/spelling.h"

namespace lockable {
namespace {

using requirements::Leaf;
using Condition = requirements::Stated;

constexpr std::size_t kConditionsTold = 4;
constexpr std::size_t kNearestTold = 3;
constexpr std::size_t kShort = 60;  // bytes of a value in a message

/// One query that no resource matches.
class Explanation {
 public:
  Explanation(const Query& query, const std::vector<Resource>& resources, const HideSecrets& hide)
      : conditions_(query.compiled().conditions.stated()), resources_(resources), hide_(hide) {
    for (const Resource& resource : resources_) {
      std::vector<std::size_t> failed;
      for (std::size_t i = 0; i < conditions_.size(); ++i)
        if (!conditions_[i].holds(resource.info)) failed.push_back(i);
      failed_.push_back(std::move(failed));
    }
  }

  std::string text() const { return counts() + nearest() + misspellings(); }

 private:
  std::string counts() const {
    std::map<std::size_t, std::size_t> fails;
    for (const auto& failed : failed_)
      for (const std::size_t i : failed) ++fails[i];
    std::vector<std::pair<std::size_t, std::size_t>> most(fails.begin(), fails.end());
    std::stable_sort(most.begin(), most.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (std::size_t i = 0; i < most.size() && i < kConditionsTold; ++i)
      text += fmt::format("\n  {} of {} fail {}", most[i].second, resources_.size(),
                          stated(conditions_[most[i].first]));
    return text;
  }

  std::string nearest() const {
    std::vector<std::size_t> order(resources_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [this](std::size_t a, std::size_t b) { return failed_[a].size() < failed_[b].size(); });
    std::string text;
    for (std::size_t i = 0; i < order.size() && i < kNearestTold; ++i) {
      const auto& failed = failed_[order[i]];
      if (failed.size() > 2 || (failed.size() == conditions_.size() && conditions_.size() > 2)) break;
      text += fmt::format("\n  nearest: {}", show(resources_[order[i]].id, kShort));
      for (std::size_t k = 0; k < failed.size(); ++k)
        text += fmt::format("{} {}", k == 0 ? ", but" : " and",
                            found(conditions_[failed[k]], resources_[order[i]].info));
    }
    return text;
  }

  std::string misspellings() const {
    std::string text;
    for (const Condition& condition : conditions_) {
      const std::string hint = misspelling(condition);
      if (!hint.empty()) text += "\n  " + hint;
    }
    return text;
  }

  std::string misspelling(const Condition& condition) const {
    const std::string key = condition.key;
    const std::string top = key.substr(0, key.find('.'));
    std::set<std::string> keys, values;
    bool fits = false;
    for (const Resource& resource : resources_) {
      for (const auto& item : resource.info.items()) keys.insert(item.key());
      fits = fits || condition.holds(resource.info);
      condition.path.any<Leaf::kElements>(resource.info, [&values](const Json* value) {
        if (value != nullptr && value->is_string()) values.insert(value->get<std::string>());
        return false;
      });
    }
    if (fits) return "";
    if (keys.count(top) == 0) {
      const auto meant = requirements::nearest_word(top, keys);
      return fmt::format("no resource has the key {}{}", show(top, kShort),
                         meant ? fmt::format(": is {} meant?", show(*meant, kShort)) : "");
    }
    if (!condition.operand.is_string() || hide_({{key, condition.operand}}) != Json{{key, condition.operand}})
      return "";
    const auto meant = requirements::nearest_word(condition.operand.get<std::string>(), values);
    return meant ? fmt::format("{} = {}: is {} meant?", show(key, kShort), show(condition.operand, kShort),
                               show(*meant, kShort))
                 : "";
  }

  std::string stated(const Condition& condition) const {
    return show(hide_({{condition.key, condition.operand}}), 2 * kShort);
  }

  // "type" is "esp32"
  std::string found(const Condition& condition, const Json& info) const {
    const std::string& key = condition.key;
    Json value;
    bool there = false;
    condition.path.any<Leaf::kElements>(hide_(info), [&](const Json* at) {
      if (at != nullptr) value = *at;
      there = there || at != nullptr;
      return false;
    });
    return there ? fmt::format("{} is {}", show(key, kShort), show(hide_({{key, value}}).at(key), kShort))
                 : fmt::format("it has no {}", show(key, kShort));
  }

  const std::vector<Condition>& conditions_;
  const std::vector<Resource>& resources_;
  const HideSecrets& hide_;
  std::vector<std::vector<std::size_t>> failed_;  // per resource: the conditions it fails
};

std::vector<std::string> matches(const Query& query, const std::vector<Resource>& resources) {
  std::vector<std::string> ids;
  for (const Resource& resource : resources)
    if (query.matches(resource.info)) ids.push_back(resource.id);
  return ids;
}

std::string list(const std::vector<std::string>& ids) {
  constexpr std::size_t kTold = 5;
  std::string text;
  for (std::size_t i = 0; i < ids.size() && i < kTold; ++i) text += (i == 0 ? "" : ", ") + ids[i];
  return ids.size() > kTold ? text + ", …" : text;
}

}  // namespace

std::string explain(const Requirements& requirements, const std::vector<Resource>& resources,
                    const std::string& source, const HideSecrets& hide) {
  if (resources.empty()) return fmt::format("the inventory {} has no resources", source);
  std::string too_few;
  for (const Query& query : requirements.queries()) {
    const std::vector<std::string> ids = matches(query, resources);
    const std::string asked = show(hide(query.json()));
    if (ids.empty())
      return fmt::format("no resource of {} matches {}:", source, asked) +
             Explanation(query, resources, hide).text();
    too_few +=
        fmt::format("\n  {} resource{} for {}: {} match{} ({})", query.count(), query.count() == 1 ? "" : "s",
                    asked, ids.size(), ids.size() == 1 ? "es" : "", list(ids));
  }
  return fmt::format("{} has too few different resources for all that are asked for at once:", source) +
         too_few;
}

}  // namespace lockable
