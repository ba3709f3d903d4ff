#include "net/transfer.h"

#include <fmt/format.h>
#include <lockable/version.h>

#include <algorithm>
#include <memory>

#include "json/one_line.h"
#include "net/curl.h"
#include "net/url.h"
#include "platform/fd.h"
#include "platform/signals.h"
#include "platform/wakeup.h"

namespace lockable::net {
namespace {

using namespace std::chrono_literals;

// A try that libcurl ended with one of these may go well the next time.
bool passing(CURLcode code, const std::string& text) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
      return true;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SSL_CONNECT_ERROR:  // "alert": the server refused us, for want of a client certificate say
      return text.find("alert") == text.npos;
    default:
      return false;
  }
}

std::string hint(CURLcode code, const Request& request, const std::string& text) {
  const Identification& who = request.identification;
  if (code == CURLE_PEER_FAILED_VERIFICATION &&
      (text.find("issuer") != text.npos || text.find("self") != text.npos))
    return fmt::format(" ({} names the file of an authority of your own)", who.ca_setting);
  if (who.certificate_file.empty() &&
      (text.find("certificate required") != text.npos || text.find("bad certificate") != text.npos ||
       text.find("handshake failure") != text.npos))
    return fmt::format(" ({} names the file of our own certificate)", who.certificate_setting);
  return "";
}

// Without the end of the line.
std::string whole_line(const std::string& text) {
  std::string line = one_line(text);
  line.resize(line.find_last_not_of(' ') + 1);
  return line;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

class Connections::Impl {
 public:
  Impl() : curl_(curl()), multi_(curl_.multi_init(), curl_.multi_cleanup) {
    if (multi_ == nullptr) throw HttpError("libcurl is out of memory", Trouble::kPassing);
  }

  void add(CURL* easy) { check(curl_.multi_add_handle(multi_.get(), easy)); }
  void remove(CURL* easy) noexcept { curl_.multi_remove_handle(multi_.get(), easy); }

  /// The result when it has come; it is the only transfer.
  std::optional<CURLcode> perform() {
    int running = 0;
    check(curl_.multi_perform(multi_.get(), &running));
    int queued = 0;
    if (const CURLMsg* message = curl_.multi_info_read(multi_.get(), &queued)) return message->data.result;
    return std::nullopt;
  }

  void wait(BootClock::time_point until, const std::vector<int>& fds) {
    std::vector<curl_waitfd> extra;
    for (const int fd : fds)
      if (fd >= 0) extra.push_back({fd, CURL_WAIT_POLLIN, 0});
    const auto left = std::max<BootClock::duration>(until - BootClock::now(), 0ns);
    // Not for long: the clock of poll(2) stands still while the machine sleeps.
    const auto pause = std::min(std::chrono::ceil<std::chrono::milliseconds>(left), 1000ms);
    check(curl_.multi_poll(multi_.get(), extra.data(), static_cast<unsigned>(extra.size()),
                           static_cast<int>(pause.count()), nullptr));
  }

 private:
  static void check(CURLMcode code) {
    if (code != CURLM_OK)
      throw HttpError(fmt::format("libcurl cannot go on (error {} of curl_multi)", static_cast<int>(code)),
                      Trouble::kPassing);
  }

  const Curl& curl_;
  std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi_;
};

Connections::Connections() : impl_(std::make_unique<Impl>()) {}
Connections::Connections(Connections&&) noexcept = default;
Connections& Connections::operator=(Connections&&) noexcept = default;
Connections::~Connections() = default;

class Transfer::Impl {
 public:
  Impl(Request request, Connections::Impl& connections)
      : curl_(curl()),
        connections_(connections),
        request_(std::move(request)),
        easy_(curl_.easy_init(), curl_.easy_cleanup),
        headers_(nullptr, curl_.slist_free_all) {
    if (easy_ == nullptr) throw HttpError("libcurl is out of memory", Trouble::kPassing);
    set_request();
    set_identification();
    set_receivers();
  }

  ~Impl() {
    if (added_) connections_.remove(easy_.get());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start(BootClock::time_point end) {
    set_connect_limit(end);
    connections_.add(easy_.get());
    added_ = true;
  }

  bool advance() {
    if (complete_) return true;
    const std::optional<CURLcode> code = connections_.perform();
    if (!code) return false;
    if (too_big_ || *code == CURLE_FILESIZE_EXCEEDED) throw HttpError(size_problem(), Trouble::kLasting);
    if (*code != CURLE_OK) fail(*code);
    complete_ = true;
    return true;
  }

  std::string& body() { return answer_.body; }

  Exchange take_answer() {
    long status = 0;
    curl_.easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<int>(status);
    curl_off_t retry_after = 0;
    curl_.easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &retry_after);
    if (retry_after > 0)
      answer_.retry_after = std::chrono::seconds(std::min<curl_off_t>(retry_after, 1'000'000'000));
    const char* redirect = nullptr;
    curl_.easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &redirect);
    return {std::move(answer_), redirect == nullptr ? "" : redirect};
  }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    const CURLcode code = curl_.easy_setopt(easy_.get(), option, value);
    if (code != CURLE_OK) fail(code);
  }
  void set_file(CURLoption option, const std::string& path) {
    if (!path.empty()) set(option, path.c_str());
  }

  void set_request() {
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_USERAGENT, "lockable/" LOCKABLE_VERSION);
    set(CURLOPT_ACCEPT_ENCODING, "");                                // all that libcurl can decompress
    set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));  // a proxy is not told our token
#if LIBCURL_VERSION_NUM >= 0x075700
    // Do not wait for the thread that looks up a name. An older libcurl does not know it, and waits.
    curl_.easy_setopt(easy_.get(), CURLOPT_QUICK_EXIT, 1L);
#endif
    if (request_.method != "GET") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_POSTFIELDS, request_.body.data());
      set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }
    for (const std::string& header : request_.headers) add_header(header);
  }

  void set_identification() {
    const Identification& who = request_.identification;
    if (!who.bearer_token.empty()) add_header("Authorization: Bearer " + who.bearer_token);
    if (who.netrc && who.bearer_token.empty() && !has_user(request_.url)) {
      set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
      set_file(CURLOPT_NETRC_FILE, who.netrc_file);
    }
    set_file(CURLOPT_CAINFO, who.ca_file);
    if (!who.ca_file.empty())
      set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // its own, not the system's
    set_file(CURLOPT_SSLCERT, who.certificate_file);
    set_file(CURLOPT_SSLKEY, who.key_file);
    set(CURLOPT_HTTPHEADER, headers_.get());
  }

  void set_receivers() {
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.limits.size));
    set(CURLOPT_WRITEFUNCTION, &Impl::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Impl::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_OPENSOCKETFUNCTION, &Impl::on_open_socket);
  }

  void set_connect_limit(BootClock::time_point end) {
    const auto left = std::min<std::chrono::nanoseconds>(request_.limits.connect, end - BootClock::now());
    set(CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(std::max(std::chrono::ceil<std::chrono::milliseconds>(left), 1ms).count()));
  }

  void add_header(const std::string& header) {
    curl_slist* longer = curl_.slist_append(headers_.get(), header.c_str());
    if (longer == nullptr) throw HttpError("libcurl is out of memory", Trouble::kPassing);
    static_cast<void>(headers_.release());  // longer begins with it
    headers_.reset(longer);
  }

  [[noreturn]] void fail(CURLcode code) const {
    const std::string text = whole_line(error_[0] != '\0' ? error_ : curl_.easy_strerror(code));
    throw HttpError(text + hint(code, request_, text),
                    passing(code, text) ? Trouble::kPassing : Trouble::kLasting);
  }

  std::string size_problem() const {
    return fmt::format("the answer is larger than the limit of {} bytes", request_.limits.size);
  }

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept try {
    auto& transfer = *static_cast<Impl*>(self);
    const std::size_t length = size * count;
    if (length > transfer.request_.limits.size - transfer.answer_.body.size()) {
      transfer.too_big_ = true;
      return 0;
    }
    transfer.answer_.body.append(data, length);
    return length;
  } catch (const std::exception&) {
    return 0;  // no memory left: libcurl reports a failed write
  }

  // Each line of each answer: 100 Continue and that of a proxy come before the one that counts.
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept try {
    auto& headers = static_cast<Impl*>(self)->answer_.headers;
    const std::string line = whole_line(std::string(data, size * count));
    const auto colon = line.find(':');
    if (line.rfind("HTTP/", 0) == 0) headers.clear();
    if (colon != line.npos && line.rfind("HTTP/", 0) != 0)
      headers[lower(line.substr(0, colon))] =
          line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size()));
    return size * count;
  } catch (const std::exception&) {
    return 0;
  }

  static curl_socket_t on_open_socket(void*, curlsocktype, curl_sockaddr* address) noexcept {
    return platform::open_socket(address->family, address->socktype, address->protocol).release();
  }

  const Curl& curl_;
  Connections::Impl& connections_;
  const Request request_;
  char error_[CURL_ERROR_SIZE] = "";
  Response answer_;
  bool too_big_ = false;
  bool added_ = false;
  bool complete_ = false;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_;
};

Transfer::Transfer(Request request, Connections& connections, BootClock::time_point end)
    : connections_(connections), impl_(std::make_unique<Impl>(std::move(request), *connections.impl_)) {
  impl_->start(end);
}
Transfer::~Transfer() = default;

bool Transfer::advance() {
  const platform::NoBrokenPipeSignal no_signal;
  return impl_->advance();
}

void Transfer::wait(BootClock::time_point until, const std::vector<int>& fds) {
  connections_.impl_->wait(until, fds);
}

std::string& Transfer::body() { return impl_->body(); }
Exchange Transfer::take_answer() { return impl_->take_answer(); }

std::optional<Exchange> exchange(const Request& request, Connections& connections, BootClock::time_point end,
                                 int interrupt_fd) {
  Transfer transfer(request, connections, end);
  for (;;) {
    if (transfer.advance()) return transfer.take_answer();
    if (platform::readable(interrupt_fd)) throw Interrupted("interrupted while waiting for an answer");
    if (BootClock::now() >= end) return std::nullopt;
    transfer.wait(end, {interrupt_fd});
  }
}

}  // namespace lockable::net
