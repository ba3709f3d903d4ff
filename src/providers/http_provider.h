/// \file
/// An inventory behind a URL.
#pragma once

#include <lockable/provider.h>

#include <memory>
#include <string>

namespace lockable {

/// The first call asks, with retries; later ones ask once whether what we have still holds (ETag,
/// Last-Modified), and go on with it, with a warning, when there is no answer. A watch never waits: it asks
/// on a background thread that lives while an answer is due and a watch is there to take it. Warnings are
/// given by threads that call, never by that one.
std::unique_ptr<Provider> make_http_provider(const std::string& url, const HttpOptions& options,
                                             OnWarning on_warning, int interrupt_fd);

}  // namespace lockable
