/// \file
/// The job of a continuous integration system that this process is part of. Pure.
#pragma once

#include <functional>
#include <string>

namespace lockable {

/// Where people see that job: an http(s) URL, without the user, password and secret parameters that it may
/// have held. Empty when the environment tells of none. `variable` gives the value of an environment
/// variable, empty when it is not set.
std::string ci_job_url(const std::function<std::string(const std::string& name)>& variable);

}  // namespace lockable
