/// \file
/// Documents to match: boards of a lab, each with 12 fields.
#pragma once

#include <lockable/requirements.h>

#include <string>
#include <vector>

namespace lockable::bench {

inline std::vector<Json> match_documents(std::size_t count) {
  const char* const types[] = {"dut", "psu", "phone", "gpu"};
  const char* const sites[] = {"oulu", "tampere", "berlin"};
  std::vector<Json> documents;
  for (std::size_t i = 0; i < count; ++i) {
    const Json ports = {{{"kind", "uart"}, {"speed", 115200}},
                        {{"kind", "usb"}, {"speed", i % 2 == 0 ? 12 : 480}}};
    documents.push_back({{"id", "board-" + std::to_string(i)},
                         {"hostname", "lab"},
                         {"online", i % 10 != 0},
                         {"type", types[i % 4]},
                         {"site", sites[i % 3]},
                         {"ram", 16 << (i % 5)},
                         {"serial", "SN-" + std::to_string(1'000'000 + i).replace(0, 1, "0")},
                         {"ports", ports},
                         {"slot", {{"row", i / 10}, {"column", i % 10}}},
                         {"tags", {"a", "b", i % 7}},
                         {"firmware", "1." + std::to_string(i % 5)},
                         {"note", nullptr}});
  }
  return documents;
}

}  // namespace lockable::bench
