/// \file
/// What this process was told by its environment.
#pragma once

#include <string>
#include <vector>

namespace lockable::platform {

/// The value of an environment variable; empty when not set.
std::string environment_variable(const char* name);
/// Whether it is set to anything but nothing, `0`, `false` or `no`.
bool environment_switch(const char* name);
/// All of them, `NAME=value`.
std::vector<std::string> environment();
/// Sets one. Not while other threads may look at the environment (setenv(3)).
void set_environment_variable(const char* name, const std::string& value);
/// TMPDIR, else /tmp.
std::string temporary_folder();

}  // namespace lockable::platform
