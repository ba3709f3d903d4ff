#include <fmt/format.h>
#include <lockable/lockable.h>

#include <algorithm>
#include <map>
#include <vector>

#include "cli/ctl/asked.h"
#include "cli/ctl/commands.h"
#include "cli/ctl/table.h"
#include "cli/exit_code.h"
#include "json/one_line.h"
#include "json/secrets.h"
#include "json/show.h"
#include "platform/terminal.h"

namespace lockable::cli {
namespace {

constexpr std::size_t kWidest = 32;  // characters of a cell

// Nothing that a terminal would obey.
std::string cell(const Json& value) {
  const std::string quoted = one_line(show(value, kWidest));
  const auto* text = value.get_ptr<const std::string*>();
  const bool plain = text != nullptr && !text->empty() && quoted == "\"" + *text + "\"";
  return plain ? *text : quoted;
}

// `id`, then the keys that most resources have.
std::vector<std::string> columns_of(const Json& resources) {
  std::map<std::string, std::size_t> counts;
  for (const Json& resource : resources)
    for (const auto& item : resource.items()) ++counts[item.key()];
  counts.erase("id");
  std::vector<std::pair<std::string, std::size_t>> most(counts.begin(), counts.end());
  std::stable_sort(most.begin(), most.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> columns{"id"};
  for (const auto& [key, count] : most) columns.push_back(key);
  return columns;
}

// As many columns as fit; lines end without spaces.
void print_table(const Json& resources, std::size_t room) {
  std::vector<std::string> lines(resources.size() + 1);
  std::size_t used = 0, left_out = 0;
  for (const std::string& column : columns_of(resources)) {
    std::vector<std::string> cells{cell(column)};
    for (const Json& resource : resources)
      cells.push_back(resource.contains(column) ? cell(resource[column]) : "");
    std::size_t widest = 0;
    for (const std::string& text : cells) widest = std::max(widest, width(text));
    if (column != "id" && used + widest > room) {
      ++left_out;
      continue;
    }
    used += widest + 2;
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i] += padded(cells[i], widest + 2);
  }
  for (std::string& line : lines) fmt::print("{}\n", line.erase(line.find_last_not_of(' ') + 1));
  if (left_out > 0) fmt::print("({} more key{}; --json shows all)\n", left_out, left_out == 1 ? "" : "s");
}

int list(const Asked& asked) {
  const auto inventory = read_inventory(asked);
  const std::vector<std::string> secret_keys = Options().secret_keys;
  Json all = Json::array();
  for (const Resource& resource : inventory->resources()) all.push_back(redacted(resource.info, secret_keys));
  if (asked.json) {
    print_json(all);
  } else if (platform::standard_output_is_terminal()) {
    print_table(all, platform::terminal_width());
  } else {
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].erase("id");
      fmt::print("{:<20} {}\n", one_line(inventory->resources()[i].id), one_line(show(all[i])));
    }
  }
  return kSuccess;
}

}  // namespace

void add_list(CLI::App& app, int& exit_code) {
  const auto asked = std::make_shared<Asked>();
  add_command(app, "list", "Lists the resources, secrets hidden", *asked)->callback([asked, &exit_code] {
    exit_code = list(*asked);
  });
}

}  // namespace lockable::cli
