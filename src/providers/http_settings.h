/// \file
/// What the options of an HTTP inventory mean here and now.
#pragma once

#include <lockable/provider.h>

#include "net/http.h"

namespace lockable {

/// Empty members filled from the environment: the one place that reads those variables.
HttpOptions with_environment(HttpOptions options);

/// Whom to trust and what to show, files looked up now. Throws ProviderError naming the option at fault: a
/// file that is not there, a token that cannot be sent.
net::Identification identification(const HttpOptions& options);

}  // namespace lockable
