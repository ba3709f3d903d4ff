#include "providers/file_provider.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include <mutex>
#include <optional>

#include "platform/file.h"
#include "providers/last_good.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;

constexpr auto kSettled = 2s;  // coarser than the clock of any file system in use (FAT: 2 s)

class FileProvider : public Provider {
 public:
  FileProvider(std::string path, OnWarning on_warning, std::shared_ptr<const Clock> clock)
      : path_(std::move(path)),
        on_warning_(std::move(on_warning)),
        clock_(std::move(clock)),
        last_good_(path_) {}

  std::shared_ptr<const Inventory> inventory(BootClock::time_point) override {
    const std::lock_guard<std::mutex> guard(mutex_);
    try {
      refresh();
    } catch (const Error& error) {
      last_good_.keep_despite(error);
    }
    const std::string warning = last_good_.take_warning();
    if (on_warning_ && !warning.empty()) on_warning_(warning);
    return last_good_.inventory();
  }

 private:
  void refresh() {
    const platform::FileStatus status = look();
    if (last_good_.inventory() && seen_ && unchanged(status))
      last_good_.keep();
    else
      read(status);
  }

  platform::FileStatus look() const try {
    return platform::status_of_path(path_);
  } catch (const platform::SystemError& error) {
    throw ProviderError(fmt::format("inventory {}: {}", path_, error.what()));
  }

  bool unchanged(const platform::FileStatus& now) const {
    return now.same_file(*seen_) && now.size == seen_->size && now.modified == seen_->modified && settled_;
  }

  void read(const platform::FileStatus& status) {
    const WallTime before = clock_->wall();
    last_good_.read(read_text());
    seen_ = status;  // of a good text only: a broken one is read again
    settled_ = before - status.modified > kSettled;
  }

  std::string read_text() const try {
    return platform::read_file(path_);
  } catch (const platform::SystemError& error) {
    throw ProviderError(fmt::format("inventory {}: {}", path_, error.what()));
  }

  const std::string path_;
  const OnWarning on_warning_;
  const std::shared_ptr<const Clock> clock_;
  std::mutex mutex_;
  LastGood last_good_;
  std::optional<platform::FileStatus> seen_;
  bool settled_ = false;
};

}  // namespace

std::unique_ptr<Provider> make_file_provider(const std::string& path, OnWarning on_warning,
                                             std::shared_ptr<const Clock> clock) {
  return std::make_unique<FileProvider>(path, std::move(on_warning), std::move(clock));
}

}  // namespace lockable
