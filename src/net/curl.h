/// \file
/// libcurl, loaded when it is first used: a program that needs no network never pays for it (3 to 4 ms).
#pragma once

#include <curl/curl.h>

namespace lockable::net {

/// The functions of libcurl that we call, under their own names without `curl_`.
struct Curl {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
  decltype(&curl_multi_init) multi_init;
  decltype(&curl_multi_add_handle) multi_add_handle;
  decltype(&curl_multi_remove_handle) multi_remove_handle;
  decltype(&curl_multi_perform) multi_perform;
  decltype(&curl_multi_poll) multi_poll;
  decltype(&curl_multi_info_read) multi_info_read;
  decltype(&curl_multi_cleanup) multi_cleanup;
};

/// The first call loads and starts libcurl. Throws HttpError, which says what to install, when it cannot; the
/// next call then tries again. Any thread.
const Curl& curl();

}  // namespace lockable::net
