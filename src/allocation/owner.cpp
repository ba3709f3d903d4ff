#include "allocation/owner.h"

#include <fmt/format.h>

#include "allocation/ci_job.h"
#include "platform/environment.h"
#include "platform/identity.h"
#include "platform/time_text.h"

namespace lockable {

Json describe_owner(const Options& options, WallTime now) {
  const platform::Identity& me = platform::self();
  Json owner{{"pid", me.pid},
             {"start_time", me.start_time},
             {"boot_id", me.boot_id},
             {"pid_namespace", me.pid_namespace},
             {"user", me.user},
             {"host", me.host},
             {"command", options.command.empty() ? me.command : options.command},
             {"since", platform::iso8601(now)}};
  if (options.current_test)
    if (const std::string test = options.current_test(); !test.empty()) owner["test"] = test;
  std::string note = options.note;
  if (note.empty())
    note = ci_job_url([](const std::string& name) { return platform::environment_variable(name.c_str()); });
  if (!note.empty()) owner["note"] = note;
  return owner;
}

namespace {

std::string text_of(const Json& owner, const char* key) {
  const Json value = owner.value(key, Json());
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? "" : value.dump();
}

}  // namespace

std::string who_is(const Json& owner) {
  const bool reserved = owner.value("reserved", Json()) == true;
  const bool aside = owner.value("set_aside", Json()) == true;
  std::string text = aside ? "set aside" : reserved ? "reserved" : "";
  const auto add = [&](const char* before, const char* key, const char* after = "") {
    const std::string value = text_of(owner, key);
    if (!value.empty()) text += (text.empty() ? "" : before) + value + after;
  };
  add(reserved ? " by " : "", "user");
  add(" on ", "host");
  if (!reserved) {
    const std::string pid = text_of(owner, "pid");
    if (!pid.empty()) text += (text.empty() ? "pid " : ", pid ") + pid;
    add(" (", "command", ")");
    add(", test ", "test");
  }
  add(", since ", "since");
  add(", until ", "until");
  add(": ", "note");
  return text;
}

std::string new_alloc_id() {
  return fmt::format("{:016x}{:016x}", platform::random_number(), platform::random_number());
}

}  // namespace lockable
