#include <fmt/format.h>
#include <lockable/error.h>
#include <lockable/requirements.h>

#include "cli/ctl/commands.h"
#include "cli/exit_code.h"
#include "json/read_json.h"
#include "json/show.h"
#include "platform/file.h"

namespace lockable::cli {
namespace {

struct Files {
  std::string documents;
  std::string queries;
};

// Throws `Invalid` when the file holds no JSON array.
template <typename Invalid>
Json read_array(const std::string& path, const char* what) {
  try {
    Json array = read_json(platform::read_file(path));
    if (array.is_array()) return array;
    throw Invalid(fmt::format("{} {}: expected a JSON array, found {}", what, path, show(array, 60)));
  } catch (const SyntaxError& error) {
    throw Invalid(fmt::format("{} {}: {}", what, path, error.what()));
  }
}

Json answer(const Json& stated, const Json& documents) try {
  const Query query = Query::from_json(stated);
  Json indices = Json::array();
  for (std::size_t i = 0; i < documents.size(); ++i)
    if (query.matches(documents[i])) indices.push_back(i);
  return indices;
} catch (const InvalidRequirements& error) {
  return {{"error", error.what()}};
}

int match(const Files& files) {
  const Json documents = read_array<InvalidInventory>(files.documents, "documents");
  const Json queries = read_array<InvalidRequirements>(files.queries, "queries");
  bool valid = true;
  for (const Json& query : queries) {
    const Json line = answer(query, documents);
    valid = valid && line.is_array();
    fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  return valid ? kSuccess : kInvalidData;
}

}  // namespace

void add_match(CLI::App& app, int& exit_code) {
  const auto files = std::make_shared<Files>();
  CLI::App* command = app.add_subcommand("match",
                                         "Matches queries against documents: prints, for each query, a "
                                         "JSON array of the indices that match, or {\"error\": …}");
  command->add_option("--documents", files->documents, "File with a JSON array of documents")->required();
  command->add_option("--queries", files->queries, "File with a JSON array of queries")->required();
  command->callback([files, &exit_code] { exit_code = match(*files); });
}

}  // namespace lockable::cli
