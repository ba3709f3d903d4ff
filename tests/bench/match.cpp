// What matching costs: nanoseconds a document, for 1 000 and 10 000 documents of 12 fields.
#include <fmt/core.h>
#include <lockable/lockable.h>

#include <algorithm>
#include <chrono>

#include "match_documents.h"
#include "support/temp_folder.h"

namespace lockable::bench {
namespace {

struct Measured {
  const char* name;
  const char* query;
  double target;  // microseconds a document, for 1 000
  double peer;    // of Python's mongoquery semantics
};

constexpr Measured kQueries[] = {
    {"three equalities", R"({"type":"dut","online":true,"site":"oulu"})", 0.08, 2.8},
    {"$and/$in/$gte", R"({"$and":[{"type":{"$in":["dut","psu"]}},{"ram":{"$gte":64}}]})", 0.2, 5.7},
    {"$regex + $elemMatch",
     R"({"serial":{"$regex":"^SN-0+[0-9]*5"},"ports":{"$elemMatch":{"kind":"usb","speed":{"$gte":480}}}})",
     0.4, 5.7},
};

using Time = std::chrono::steady_clock;

double nanoseconds_a_document(const Query& query, const std::vector<Json>& documents, std::size_t& matched) {
  double best = 1e18;
  for (int round = 0; round < 15; ++round) {
    const std::size_t passes = 200'000 / documents.size();
    const auto start = Time::now();
    matched = 0;
    for (std::size_t pass = 0; pass < passes; ++pass)
      for (const Json& document : documents) matched += query.matches(document) ? 1 : 0;
    const std::chrono::duration<double, std::nano> took = Time::now() - start;
    best = std::min(best, took.count() / static_cast<double>(passes * documents.size()));
    matched /= passes;
  }
  return best;
}

void measure_matching() {
  fmt::print("{:<22}{:>10}{:>10}{:>12}{:>10}{:>10}\n", "query", "documents", "matching", "ns/document",
             "target", "peer");
  for (const Measured& one : kQueries) {
    const Query query = Query::parse(one.query);
    for (const std::size_t count : {1'000UL, 10'000UL}) {
      const std::vector<Json> documents = match_documents(count);
      std::size_t matched = 0;
      const double ns = nanoseconds_a_document(query, documents, matched);
      const double target = 1000 * one.target * (count > 1'000 ? 2 : 1);
      fmt::print("{:<22}{:>10}{:>10}{:>12.1f}{:>10.0f}{:>10.0f}{}\n", one.name, count, matched, ns, target,
                 1000 * one.peer, ns <= target ? "" : "  MISSED");
    }
  }
}

// lab.lock() and release with an inventory that does not change.
void measure_locking(const std::string& folder) {
  Options options;
  options.resources = Json(match_documents(10'000));
  options.hostname = "lab";
  options.lock_folder = folder;
  Lockable lab(options);
  for (const char* text : {"type=dut", R"({"type":"dut","site":"oulu","ram":{"$gte":64}})", "{}"}) {
    const Requirements requirements(text);
    std::vector<double> took;
    for (int i = 0; i < 101; ++i) {
      const auto start = Time::now();
      const Allocation allocation = lab.lock(requirements);
      took.push_back(std::chrono::duration<double, std::milli>(Time::now() - start).count());
    }
    std::sort(took.begin(), took.end());
    fmt::print("lab.lock({}) over 10000 resources: median {:.2f} ms, worst {:.2f} ms (target 3 ms)\n", text,
               took[50], took[100]);
  }
}

}  // namespace
}  // namespace lockable::bench

int main() {
  const lockable::testing::TempFolder folder;
  lockable::bench::measure_matching();
  lockable::bench::measure_locking(folder.path());
  return 0;
}
