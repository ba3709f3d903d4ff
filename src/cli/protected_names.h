/// \file
/// Which variables a resource's keys may not set in the command's environment.
#pragma once

#include <string_view>

namespace lockable::cli {

/// True for names that alter how programs load, run, connect or test: the table is in protected_names.cpp and
/// README.
bool is_protected(std::string_view name);

}  // namespace lockable::cli
