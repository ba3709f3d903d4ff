/// \file
/// Random queries and resources that have something to do with each other: few keys, few values, all kinds.
#pragma once

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace lockable::testing {

class RandomQuery {
 public:
  explicit RandomQuery(unsigned seed) : random_(seed) {}

  /// An object: null, numbers of all kinds, texts, arrays and objects within each other.
  nlohmann::json resource();
  /// A well-formed query without reserved keys.
  nlohmann::json query(int depth = 2);

 private:
  using Json = nlohmann::json;
  unsigned below(unsigned end) { return static_cast<unsigned>(random_() % end); }
  template <typename List>
  auto pick(const List& list) {
    return *(std::begin(list) + below(static_cast<unsigned>(std::size(list))));
  }
  Json scalar();
  Json value(int depth);
  Json wanted(int depth);
  void note(const Json& value);
  std::string key();
  std::string path();
  Json operand(int depth);
  Json operators(int depth);
  void add_operator(Json& to, int depth);
  Json number_operand(const std::string& name);
  Json some(unsigned most, int depth);

  std::mt19937 random_;
  std::vector<Json> seen_;  // values of the resources made so far
};

}  // namespace lockable::testing
