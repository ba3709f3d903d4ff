#include <fmt/format.h>
#include <lockable/lockable.h>

#include "allocation/diagnosis.h"
#include "cli/ctl/asked.h"
#include "cli/ctl/commands.h"
#include "cli/exit_code.h"
#include "json/secrets.h"
#include "json/show.h"
#include "platform/identity.h"

namespace lockable::cli {
namespace {

struct Question : Asked {
  std::vector<std::string> requirements;
  std::string hostname;
};

std::string some(const std::vector<std::string>& ids) {
  constexpr std::size_t kTold = 10;
  std::string text;
  for (std::size_t i = 0; i < ids.size() && i < kTold; ++i) text += (i == 0 ? "" : ", ") + ids[i];
  return ids.size() > kTold ? text + ", …" : text;
}

void print_text(const Diagnosis& diagnosis, const Inventory& inventory,
                const std::vector<std::string>& secret_keys) {
  if (diagnosis.best.empty()) {
    fmt::print("{}\n", diagnosis.text);
    return;
  }
  const std::vector<Query>& queries = diagnosis.complete.queries();
  for (std::size_t i = 0; i < queries.size(); ++i)
    fmt::print("{} of the {} resources of {} match {}: {}\n", diagnosis.matches[i].size(),
               inventory.resources().size(), inventory.source(),
               show(redacted(queries[i].json(), secret_keys)), some(diagnosis.matches[i]));
  fmt::print("with all of them free a request would get: {}\n", some(diagnosis.best));
}

Json to_json(const Diagnosis& diagnosis, const Inventory& inventory,
             const std::vector<std::string>& secret_keys) {
  Json queries = Json::array();
  for (std::size_t i = 0; i < diagnosis.matches.size(); ++i)
    queries.push_back({{"query", redacted(diagnosis.complete.queries()[i].json(), secret_keys)},
                       {"matches", diagnosis.matches[i]}});
  return {{"source", inventory.source()},        {"resources", inventory.resources().size()},
          {"possible", !diagnosis.best.empty()}, {"best", diagnosis.best},
          {"queries", std::move(queries)},       {"explanation", diagnosis.text}};
}

int explain(const Question& asked) {
  const Requirements requirements(asked.requirements.empty() ? std::vector<std::string>{""}
                                                             : asked.requirements);
  const auto inventory = read_inventory(asked);
  const std::vector<std::string> secret_keys = Options().secret_keys;
  const std::string hostname = asked.hostname.empty() ? platform::host_name() : asked.hostname;
  const Diagnosis diagnosis = diagnose(requirements, *inventory, hostname, secret_keys);
  if (asked.json)
    print_json(to_json(diagnosis, *inventory, secret_keys));
  else
    print_text(diagnosis, *inventory, secret_keys);
  return diagnosis.best.empty() ? kNoSuchResource : kSuccess;
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
  const auto asked = std::make_shared<Question>();
  CLI::App* command = add_command(
      app, "explain", "Tells which resources match requirements, or why none does (exit code 69)", *asked);
  command
      ->add_option("--requirements", asked->requirements, "As for lockable; repeat it for several resources")
      ->envname("LOCKABLE_REQUIREMENTS")
      ->allow_extra_args(false)
      ->take_all();
  command->add_option("--hostname", asked->hostname, "Instead of this machine's name")
      ->envname("LOCKABLE_HOSTNAME");
  command->callback([asked, &exit_code] { exit_code = explain(*asked); });
}

}  // namespace lockable::cli
