#pragma once

/// The version of these headers, as `lockable --version` prints it.
#define LOCKABLE_VERSION "0.1.0"
