#include "cli/ctest/fixture_use.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockable::cli {
namespace {

bool could_serve(const Want& held, const Want& wanted) {
  return std::any_of(held.candidates.begin(), held.candidates.end(), [&wanted](const std::string& id) {
    return std::find(wanted.candidates.begin(), wanted.candidates.end(), id) != wanted.candidates.end();
  });
}

std::string place(const std::string& fixture, std::size_t number) {
  return fmt::format("held by fixture {}/{}", fixture, number);
}

}  // namespace

bool FixtureUse::knows_any(const std::vector<std::string>& fixtures) const {
  return std::any_of(fixtures.begin(), fixtures.end(),
                     [this](const std::string& fixture) { return wants_.count(fixture) > 0; });
}

std::optional<Wants> FixtureUse::taken_of(const std::vector<std::string>& fixtures,
                                          const Wants* wants) const {
  std::vector<Want> taken;
  if (wants == nullptr) {
    for (const std::string& fixture : fixtures)
      if (const auto held = wants_.find(fixture); held != wants_.end())
        for (std::size_t i = 0; i < held->second.size(); ++i) taken.push_back({{place(fixture, i)}});
    return Wants(std::move(taken));
  }
  for (const Want& want : *wants) {
    std::vector<std::string> places;
    for (const std::string& fixture : fixtures) {
      const auto held = wants_.find(fixture);
      std::size_t number = 0;
      for (const Want& part : held == wants_.end() ? Wants() : held->second) {
        if (could_serve(part, want)) places.push_back(place(fixture, number));
        ++number;
      }
    }
    if (places.empty()) return std::nullopt;
    taken.push_back({std::move(places)});
  }
  return Wants(std::move(taken));
}

}  // namespace lockable::cli
