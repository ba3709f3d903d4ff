#include "net/curl.h"

#include <string>

#include "net/http.h"
#include "platform/shared_library.h"

namespace lockable::net {
namespace {

constexpr const char* kLibrary = "libcurl.so.4";

Curl load() try {
  const platform::SharedLibrary library(kLibrary);
  Curl curl{};
  library.find("curl_global_init", curl.global_init);
  library.find("curl_easy_init", curl.easy_init);
  library.find("curl_easy_setopt", curl.easy_setopt);
  library.find("curl_easy_getinfo", curl.easy_getinfo);
  library.find("curl_easy_strerror", curl.easy_strerror);
  library.find("curl_easy_cleanup", curl.easy_cleanup);
  library.find("curl_slist_append", curl.slist_append);
  library.find("curl_slist_free_all", curl.slist_free_all);
  library.find("curl_multi_init", curl.multi_init);
  library.find("curl_multi_add_handle", curl.multi_add_handle);
  library.find("curl_multi_remove_handle", curl.multi_remove_handle);
  library.find("curl_multi_perform", curl.multi_perform);
  library.find("curl_multi_poll", curl.multi_poll);
  library.find("curl_multi_info_read", curl.multi_info_read);
  library.find("curl_multi_cleanup", curl.multi_cleanup);
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw Error("it does not start");
  return curl;
} catch (const HttpError&) {
  throw;
} catch (const Error& error) {
  throw HttpError(std::string("needs libcurl 7.66 or later; please install it (Debian, Ubuntu: libcurl4; "
                              "Fedora: libcurl): ") +
                      error.what(),
                  Trouble::kLasting);
}

}  // namespace

const Curl& curl() {
  static const Curl instance = load();
  return instance;
}

}  // namespace lockable::net
