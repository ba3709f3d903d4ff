#include <fmt/format.h>
#include <lockable/error.h>
#include <lockable/lock_store.h>

#include <algorithm>
#include <vector>

#include "cli/ctl/asked.h"
#include "cli/ctl/commands.h"
#include "cli/exit_code.h"
#include "cli/say.h"
#include "platform/accounts.h"
#include "platform/folder.h"

namespace lockable::cli {
namespace {

using platform::Folder;
using platform::SystemError;

constexpr const char* kOwnFolder = ".lockable";

struct Wanted {
  std::string folder;
  std::string group;
  bool json = false;
};

struct Done {
  std::string folder;
  bool made = false;
  std::vector<std::string> changed;  // paths
  std::string closed;                // a folder above that the group may not pass
};

bool is_pid_file(const std::string& name) {
  return name.size() > 4 && name.compare(name.size() - 4, 4, ".pid") == 0;
}

// Giving the files of other things to a group would do harm, and sticky folders (/tmp) are everybody's.
void check_purpose(const Folder& folder) {
  constexpr unsigned kSticky = 01000;
  const unsigned mode = folder.status().mode;
  if ((mode & kSticky) != 0)
    throw LockFolderError(
        fmt::format("{} has the sticky bit (mode {:o}), with which nobody can remove another's files: "
                    "give a folder of its own for locks",
                    folder.path(), mode));
  const std::vector<std::string> names = folder.names();
  if (std::find(names.begin(), names.end(), kOwnFolder) != names.end()) return;
  const auto other = std::find_if_not(names.begin(), names.end(), is_pid_file);
  if (other != names.end())
    throw LockFolderError(
        fmt::format("{} is no lock folder: there is {} in it; give a folder of its own for locks",
                    folder.path(), *other));
}

Folder open_or_make(const std::string& path, bool& made) {
  try {
    platform::status_of_path(path);
  } catch (const SystemError& error) {
    if (!error.no_such_file()) throw;
    made = true;
  }
  return Folder::make(path, 0700);
}

// Files come and go while others lock.
void share(const Folder& folder, const std::string& name, std::uint32_t group, Done& done) try {
  if (folder.share(name, group)) done.changed.push_back(folder.path_of(name));
} catch (const SystemError& error) {
  if (!error.no_such_file()) throw;
}

void share_all(const Folder& folder, std::uint32_t group, Done& done) {
  for (const std::string& name : folder.names()) {
    share(folder, name, group, done);
    const auto status = folder.status(name);
    if (status && status->folder) share_all(folder.make_inside(name), group, done);
  }
}

// The first folder above it that the group's members may not pass.
std::string closed_above(const std::string& path, std::uint32_t group) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    std::string above = path.substr(0, slash);
    const platform::FileStatus status = platform::status_of_path(above);
    const unsigned needed = status.group == group ? 0010 : 0001;
    if ((status.mode & needed) == 0) return above;
  }
  return "";
}

Done init(const std::string& path, std::uint32_t group) {
  Done done;
  Folder folder = open_or_make(path, done.made);
  done.folder = folder.path();
  check_purpose(folder);
  if (folder.share(group) && !done.made) done.changed.push_back(folder.path());
  for (const std::string& name : folder.names())
    if (is_pid_file(name) || name == kOwnFolder) share(folder, name, group, done);
  share_all(folder.make_inside(kOwnFolder), group, done);
  open_store({"file:" + folder.path(), false});  // makes what is missing
  done.closed = closed_above(folder.path(), group);
  return done;
}

// What the system refuses, with whose permission it would do it.
Done init_or_explain(const Wanted& wanted, std::uint32_t group) try {
  return init(wanted.folder, group);
} catch (const SystemError& error) {
  std::string advice;
  if (error.not_permitted())
    advice = platform::in_group(group)
                 ? "; only root and its owner can do that"
                 : fmt::format(
                       "; only root, and the group's members with what they own, can do that: {} is none now",
                       platform::user_name(platform::own_user()));
  if (error.wrong_kind()) advice = "; something else is in its place: remove that, or give another folder";
  throw LockFolderError(fmt::format("cannot make {} a lock folder of group {}: {}{}", wanted.folder,
                                    platform::group_name(group), error.what(), advice));
}

void print_text(const Done& done, const std::string& group) {
  fmt::print("{} {} a lock folder for the members of group {}\n", done.folder, done.made ? "is now" : "is",
             group);
  for (const std::string& path : done.changed) fmt::print("corrected group or mode: {}\n", path);
  fmt::print("they all name it with LOCKABLE_LOCK_FOLDER={} or --lock-folder {}\n", done.folder, done.folder);
}

int init_folder(const Wanted& wanted) {
  const auto group = platform::find_group(wanted.group);
  if (!group) {
    say("lockablectl: there is no group {} here; `groupadd {}` makes it, `usermod -aG {} USER` adds a user\n",
        wanted.group, wanted.group, wanted.group);
    return kUsage;
  }
  const Done done = init_or_explain(wanted, *group);
  const std::string name = platform::group_name(*group);
  if (!done.closed.empty())
    say("lockablectl: warning: not all members of group {} may pass {} (chmod o+x)\n", name, done.closed);
  if (wanted.json)
    print_json({{"folder", done.folder}, {"group", name}, {"made", done.made}, {"changed", done.changed}});
  else
    print_text(done, name);
  return kSuccess;
}

}  // namespace

void add_init_folder(CLI::App& app, int& exit_code) {
  const auto wanted = std::make_shared<Wanted>();
  CLI::App* command = app.add_subcommand(
      "init-folder", "Makes a lock folder that all users of a group share, or repairs one");
  command->add_option("folder", wanted->folder, "The folder; made with its parents when missing")->required();
  command->add_option("--group", wanted->group, "The group, by name or number")->required();
  command->add_flag("--json", wanted->json, "Print JSON");
  command->callback([wanted, &exit_code] { exit_code = init_folder(*wanted); });
}

}  // namespace lockable::cli
