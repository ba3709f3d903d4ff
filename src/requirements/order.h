/// \file
/// When two JSON values are the same, and which is less. Pure; allocates nothing.
///
/// Numbers by value, exactly to 64 bits, whatever their kind (`1` is `1.0`, 2^63 is not -2^63); strings byte
/// by byte; arrays element by element; objects key by key, in any order.
#pragma once

#include <nlohmann/json.hpp>

namespace lockable::requirements {

/// Values of different types never are.
bool same(const nlohmann::json& a, const nlohmann::json& b);

enum class Order { kLess, kEqual, kGreater, kNone };  // kNone: NaN is among them

/// Values of one type as MongoDB orders them; of different types: null, numbers, strings, objects, arrays,
/// booleans (https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/).
Order compare(const nlohmann::json& a, const nlohmann::json& b);

/// Whether compare() says more than which type they have.
bool comparable(const nlohmann::json& a, const nlohmann::json& b);

}  // namespace lockable::requirements
