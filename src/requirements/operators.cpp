// The operators that stand under a key. A new one is a line in the table and the function it names.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "json/show.h"
#include "requirements/compiler.h"
#include "requirements/tests.h"

namespace lockable::requirements {

namespace {

constexpr std::size_t kShown = 60;  // bytes of a value in a message

// https://www.mongodb.com/docs/manual/reference/bson-types/. What JSON does not have matches nothing.
struct TypeName {
  int number;
  std::string_view name;
  unsigned types;
};
constexpr TypeName kTypes[] = {
    {1, "double", kDouble}, {2, "string", kString}, {3, "object", kObject},
    {4, "array", kArray},   {5, "binData", 0},      {6, "undefined", 0},
    {7, "objectId", 0},     {8, "bool", kBool},     {9, "date", 0},
    {10, "null", kNull},    {11, "regex", 0},       {12, "dbPointer", 0},
    {13, "javascript", 0},  {14, "symbol", 0},      {15, "javascriptWithScope", 0},
    {16, "int", kInt},      {17, "timestamp", 0},   {18, "long", kLong},
    {19, "decimal", 0},     {-1, "minKey", 0},      {127, "maxKey", 0},
};
constexpr unsigned kNumber = kDouble | kInt | kLong;

// The integer nearest to zero, when 64 bits hold it.
bool cut_to_integer(const Json& number, std::int64_t& result) {
  if (number.is_number_float()) {
    const double whole = std::trunc(number.get<double>());
    if (!(whole >= -0x1p63 && whole < 0x1p63)) return false;
    result = static_cast<std::int64_t>(whole);
    return true;
  }
  if (number.is_number_unsigned() &&
      number.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return false;
  result = number.is_number() ? number.get<std::int64_t>() : 0;
  return number.is_number();
}

}  // namespace

/// The operators of one object, on the values at one path.
class Operators {
 public:
  using Maker = ConditionPtr (Operators::*)(const Json& operand) const;
  static const std::map<std::string_view, Maker>& table();

  Operators(const Compiler& compiler, const Path& path, const Json& all, std::string place)
      : compiler_(compiler), path_(path), all_(all), place_(std::move(place)) {}

  ConditionPtr compile() {
    ConditionList conditions;
    for (const auto& item : all_.items()) {
      name_ = item.key();
      check_name();
      if (ConditionPtr one = (this->*table().at(name_))(item.value())) conditions.push_back(std::move(one));
    }
    return all_of(std::move(conditions));
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    compiler_.fail(place_ + "." + name_, name_ + ": " + what);
  }
  [[noreturn]] void fail(const std::string& expected, const Json& found) const {
    fail(fmt::format("expected {}, found {}", expected, show(found, kShown)));
  }

  void check_name() const {
    const std::string place = place_ + "." + name_;
    if (table().count(name_) != 0) return;
    if (!is_operator(name_))
      compiler_.fail(place, fmt::format("mixes operators with the plain key {}: state one or the other",
                                        show(name_, kShown)));
    if (is_logical(name_))
      compiler_.fail(
          place,
          fmt::format("{0} stands beside keys, not under one: {{\"{0}\": [{{\"key\": …}}, …]}}", name_));
    if (is_reserved(name_)) compiler_.fail(place, fmt::format("\"{}\" belongs to the top of a query", name_));
    compiler_.fail(place, fmt::format("unknown operator {}", show(name_, kShown)));
  }

  ConditionPtr equal(const Json& operand) const { return equals(path_, operand); }
  ConditionPtr not_equal(const Json& operand) const { return negation(equal(operand)); }
  ConditionPtr greater(const Json& operand) const {
    return at(path_, Compares{operand, false, Order::kGreater});
  }
  ConditionPtr greater_or_equal(const Json& operand) const {
    return at(path_, Compares{operand, true, Order::kGreater});
  }
  ConditionPtr less(const Json& operand) const { return at(path_, Compares{operand, false, Order::kLess}); }
  ConditionPtr less_or_equal(const Json& operand) const {
    return at(path_, Compares{operand, true, Order::kLess});
  }

  void check_plain(const Json& value) const {
    if (states_operators(value)) fail("plain values, no operators", value);
  }

  ConditionPtr one_of(const Json& operand) const {
    if (!operand.is_array()) fail("an array of values", operand);
    for (const Json& value : operand) check_plain(value);
    return at(path_, IsOneOf(operand));
  }
  ConditionPtr none_of(const Json& operand) const { return negation(one_of(operand)); }

  ConditionPtr exists(const Json& operand) const {
    if (!operand.is_boolean()) fail("true or false", operand);
    ConditionPtr there = at(path_, IsThere{});
    return operand.get<bool>() ? std::move(there) : negation(std::move(there));
  }

  unsigned type(const Json& operand) const {
    if (operand == "number") return kNumber;
    for (const TypeName& type : kTypes)
      if (operand.is_string() ? operand == type.name : operand.is_number() && same(operand, type.number))
        return type.types;
    fail(operand.is_string() || operand.is_number() ? "one of MongoDB's types, \"string\" or 2 for instance"
                                                    : "the name or number of a type, or an array of them",
         operand);
  }

  ConditionPtr has_type(const Json& operand) const {
    if (!operand.is_array()) return at(path_, HasType{type(operand)});
    if (operand.empty()) fail("one or more types", operand);
    unsigned types = 0;
    for (const Json& one : operand) types |= type(one);
    return at(path_, HasType{types});
  }

  ConditionPtr leaves_remainder(const Json& operand) const {
    LeavesRemainder test{};
    if (!operand.is_array() || operand.size() != 2 || !cut_to_integer(operand[0], test.divisor) ||
        !cut_to_integer(operand[1], test.remainder))
      fail("[divisor, remainder], two numbers that 64 bits hold", operand);
    if (test.divisor == 0) fail("a divisor that is not 0", operand);
    return at(path_, test);
  }

  ConditionPtr matches_pattern(const Json& operand) const {
    const auto* text = operand.get_ptr<const std::string*>();
    if (text == nullptr) fail("a regular expression, a string", operand);
    const auto flags = all_.find("$options");
    try {
      const bool good = flags != all_.end() && flags->is_string();  // else $options tells
      return at(path_, MatchesPattern{Pattern(*text, good ? flags->get_ref<const std::string&>() : "")});
    } catch (const PatternError& error) {
      fail(error.what());
    }
  }

  ConditionPtr options(const Json& operand) const {
    const auto* flags = operand.get_ptr<const std::string*>();
    if (flags == nullptr || flags->find_first_not_of("imsx") != flags->npos)
      fail("a string of the letters i, m, s, x", operand);
    if (!all_.contains("$regex")) fail("needs a $regex beside it");
    return nullptr;
  }

  static bool is_elem_match(const Json& value) {
    return value.is_object() && value.size() == 1 && value.contains("$elemMatch");
  }

  ConditionPtr has_all(const Json& operand) const {
    if (!operand.is_array()) fail("an array of values", operand);
    ConditionList conditions;
    const bool elements = !operand.empty() && is_elem_match(operand.front());
    for (const Json& value : operand) {
      if (is_elem_match(value) != elements) fail("only values or only $elemMatch", operand);
      if (!elements) check_plain(value);
      conditions.push_back(
          elements ? compiler_.operators(path_, value,
                                         fmt::format("{}.{}.{}", place_, name_, &value - &operand.front()))
                   : equals(path_, value));
    }
    if (conditions.empty()) return at(path_, IsOneOf(operand));  // nothing
    return all_of(std::move(conditions));
  }

  // {"$gte": 1, "$lt": 5} tests the elements themselves, {"port": 1} those that are objects.
  ConditionPtr has_element(const Json& operand) const {
    if (!operand.is_object()) fail("an object", operand);
    const std::string place = place_ + "." + name_;
    if (states_operators(operand) && !is_logical(operand.begin().key()))
      return at<Leaf::kWhole>(path_, HasElement{compiler_.operators(Path(), operand, place)});
    return at<Leaf::kWhole>(path_, HasElement{element_with(compiler_.object(operand, place))});
  }

  static ConditionPtr element_with(std::vector<Stated> stated) {
    ConditionList conditions;
    conditions.push_back(at<Leaf::kWhole>(Path(), HasType{kObject | kArray}));
    for (Stated& one : stated) conditions.push_back(std::move(one.condition));
    return all_of(std::move(conditions));
  }

  ConditionPtr has_size(const Json& operand) const {
    std::int64_t size = 0;
    if (!cut_to_integer(operand, size) || size < 0 || !same(operand, size))
      fail("a whole number, 0 or more", operand);
    return at<Leaf::kWhole>(path_, HasSize{static_cast<std::uint64_t>(size)});
  }

  ConditionPtr none(const Json& operand) const {
    if (!states_operators(operand)) fail("an object with operators, like {\"$gt\": 5}", operand);
    return negation(compiler_.operators(path_, operand, place_ + "." + name_));
  }

  const Compiler& compiler_;
  const Path& path_;
  const Json& all_;
  std::string place_;
  std::string name_;  // of the operator at hand
};

const std::map<std::string_view, Operators::Maker>& Operators::table() {
  static const std::map<std::string_view, Maker> makers{
      {"$eq", &Operators::equal},
      {"$ne", &Operators::not_equal},
      {"$gt", &Operators::greater},
      {"$gte", &Operators::greater_or_equal},
      {"$lt", &Operators::less},
      {"$lte", &Operators::less_or_equal},
      {"$in", &Operators::one_of},
      {"$nin", &Operators::none_of},
      {"$not", &Operators::none},
      {"$exists", &Operators::exists},
      {"$type", &Operators::has_type},
      {"$mod", &Operators::leaves_remainder},
      {"$regex", &Operators::matches_pattern},
      {"$options", &Operators::options},
      {"$all", &Operators::has_all},
      {"$elemMatch", &Operators::has_element},
      {"$size", &Operators::has_size},
  };
  return makers;
}

bool is_field_operator(std::string_view name) { return Operators::table().count(name) != 0; }

ConditionPtr Compiler::operators(const Path& path, const Json& operand, const std::string& place) const {
  return Operators(*this, path, operand, place).compile();
}

}  // namespace lockable::requirements
