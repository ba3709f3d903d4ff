/// \file
/// How many tests of a ctest run may have hardware at once, in CTest's own terms. Pure.
///
/// CTest knows no alternatives: a test takes so many slots of a resource type. So each set of resources that
/// some test could use becomes a type with one slot for each of them, and a test takes slots of every type
/// whose set contains what it could use: `a:1,all:1` where the boards of `a` are some of `all`. No more tests
/// are started then than hardware can serve; which of them gets what, the locks decide.
///
/// Of those that could be started CTest takes the one of the highest COST. That is the one for whose hardware
/// most tests stand in line, each resource counted, and of these the one with the fewest alternatives: tests
/// that could use anything do not keep busy what others cannot do without.
#pragma once

#include <lockable/lock_store.h>

#include <string>
#include <vector>

namespace lockable::cli {

struct CapacityClass {
  std::string type;  ///< lower-case letters, digits and `_`, as CTest demands; the same for the same set
  std::vector<std::string> ids;  ///< sorted
  int slots = 0;
};

struct Capacity {
  std::vector<CapacityClass> classes;
  /// For each test the value of its property RESOURCE_GROUPS; empty for one that wants nothing, or that all
  /// the hardware together could not serve: it is to run, and to say so itself.
  std::vector<std::string> groups;
  std::vector<double> costs;  ///< for each test the value of its property COST, where it has groups
};

/// What `tests` want is as the planner knows it, one value for each test.
Capacity capacity_for(const std::vector<Wants>& tests);

/// The same for CTest's resource specification file.
Json resource_spec(const Capacity& capacity);

}  // namespace lockable::cli
