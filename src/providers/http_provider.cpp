#include "providers/http_provider.h"

#include <lockable/error.h>

#include <mutex>
#include <utility>

#include "platform/background.h"
#include "providers/http_source.h"
#include "providers/last_good.h"
#include "providers/refresh_schedule.h"

namespace lockable {
namespace {

using platform::Background;
using Guard = std::lock_guard<std::mutex>;

class HttpProvider : public Provider {
 public:
  HttpProvider(const std::string& url, const HttpOptions& options, OnWarning on_warning, int interrupt_fd)
      : source_(url, options),
        on_warning_(std::move(on_warning)),
        interrupt_fd_(interrupt_fd),
        last_good_(source_.name()),
        schedule_(options.fresh_for, options.refresh_every) {}

  std::shared_ptr<const Inventory> inventory(BootClock::time_point deadline) override {
    const bool first = latest() == nullptr;
    if (first || due_for_new_request())
      ask(deadline, interrupt_fd_, first ? HttpSource::Tries::kSeveral : HttpSource::Tries::kOne);
    return latest();
  }

  std::unique_ptr<InventoryWatch> watch() override;

  /// What is known; null when nothing is. Tells what a person should hear.
  std::shared_ptr<const Inventory> latest() {
    std::unique_lock<std::mutex> guard(mutex_);
    auto inventory = last_good_.inventory();
    const std::string warning = last_good_.take_warning();
    guard.unlock();
    if (on_warning_ && !warning.empty()) on_warning_(warning);
    return inventory;
  }

  /// The refresh under way, which several watches share; a new one when it is time; or null.
  std::shared_ptr<Background> refresh() {
    const Guard guard(mutex_);
    const auto now = BootClock::now();
    auto refresh = refresh_.lock();
    if (refresh != nullptr && !refresh->done()) return refresh;
    if (!schedule_.due_for_waiting_request(now)) return nullptr;
    try {
      refresh_ = refresh = std::make_shared<Background>([this](int stop_fd) { ask_in_background(stop_fd); });
      return refresh;
    } catch (const Error& error) {
      last_good_.keep_despite(error);
      schedule_.failed(now, now, {});
      return nullptr;
    }
  }

 private:
  bool due_for_new_request() const {
    const Guard guard(mutex_);
    return schedule_.due_for_new_request(BootClock::now());
  }

  void ask(BootClock::time_point deadline, int interrupt_fd, HttpSource::Tries tries) {
    const auto asked = BootClock::now();
    try {
      accept(source_.ask(validators(), deadline, interrupt_fd, tries, on_warning_), asked);
    } catch (const Interrupted&) {
      throw;
    } catch (const HttpSourceError& error) {
      note_failure(error, asked, error.retry_after());
    } catch (const Error& error) {
      note_failure(error, asked, {});
    }
  }

  void ask_in_background(int stop_fd) noexcept try {
    ask(BootClock::time_point::max(), stop_fd, HttpSource::Tries::kOne);
  } catch (const std::exception&) {
    return;  // told to stop, or no memory left
  }

  Validators validators() const {
    const Guard guard(mutex_);
    return validators_;
  }

  // Several threads may ask at once: an answer to an earlier question than the one we know is old.
  void accept(HttpAnswer answer, BootClock::time_point asked) {
    std::shared_ptr<const Inventory> inventory;
    if (answer.text && !is_known(*answer.text)) inventory = Inventory::parse(*answer.text, source_.name());
    const Guard guard(mutex_);
    schedule_.answered(BootClock::now());
    if (asked < newest_) return;
    newest_ = asked;
    validators_ = std::move(answer.validators);
    if (inventory != nullptr)
      last_good_.replace(std::move(*answer.text), std::move(inventory));
    else
      last_good_.keep();
  }

  bool is_known(const std::string& text) const {
    const Guard guard(mutex_);
    return last_good_.is_from(text);
  }

  void note_failure(const Error& error, BootClock::time_point asked, std::chrono::nanoseconds retry_after) {
    const Guard guard(mutex_);
    last_good_.keep_despite(error);
    schedule_.failed(asked, BootClock::now(), retry_after);
  }

  const HttpSource source_;
  const OnWarning on_warning_;
  const int interrupt_fd_;
  mutable std::mutex mutex_;  // of all below; not held while asking or reading
  LastGood last_good_;
  Validators validators_;
  RefreshSchedule schedule_;
  BootClock::time_point newest_ = BootClock::time_point::min();
  std::weak_ptr<Background> refresh_;
};

class HttpWatch : public InventoryWatch {
 public:
  explicit HttpWatch(HttpProvider& provider) : provider_(provider) {}

  std::shared_ptr<const Inventory> inventory() override {
    refresh_ = provider_.refresh();
    return provider_.latest();
  }

 private:
  HttpProvider& provider_;
  std::shared_ptr<Background> refresh_;
};

std::unique_ptr<InventoryWatch> HttpProvider::watch() { return std::make_unique<HttpWatch>(*this); }

}  // namespace

std::unique_ptr<Provider> make_http_provider(const std::string& url, const HttpOptions& options,
                                             OnWarning on_warning, int interrupt_fd) {
  return std::make_unique<HttpProvider>(url, options, std::move(on_warning), interrupt_fd);
}

}  // namespace lockable
