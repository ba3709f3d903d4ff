#include "providers/file_provider.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include <mutex>
#include <optional>

#include "platform/file.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;

constexpr auto kSettled = 2s;  // coarser than the clock of any file system in use (FAT: 2 s)

class FileProvider : public Provider {
 public:
  FileProvider(std::string path, OnWarning on_warning, std::shared_ptr<const Clock> clock)
      : path_(std::move(path)), on_warning_(std::move(on_warning)), clock_(std::move(clock)) {}

  std::shared_ptr<const Inventory> inventory(BootClock::time_point) override {
    const std::lock_guard<std::mutex> guard(mutex_);
    try {
      refresh();
      problem_.clear();
    } catch (const Error& error) {
      if (last_good_ == nullptr) throw;
      warn_once(error.what());
    }
    return last_good_;
  }

 private:
  void refresh() {
    const platform::FileStatus status = look();
    if (!last_good_ || !seen_ || !unchanged(status)) read(status);
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
    const std::string text = read_text();
    seen_ = status;
    settled_ = before - status.modified > kSettled;
    if (last_good_ != nullptr && text == text_) return;
    last_good_ = Inventory::parse(text, path_);
    text_ = text;
  }

  std::string read_text() const try {
    return platform::read_file(path_);
  } catch (const platform::SystemError& error) {
    throw ProviderError(fmt::format("inventory {}: {}", path_, error.what()));
  }

  void warn_once(const std::string& problem) {
    if (problem == problem_) return;
    problem_ = problem;
    if (on_warning_) on_warning_(problem + "; going on with the inventory as it was before");
  }

  const std::string path_;
  const OnWarning on_warning_;
  const std::shared_ptr<const Clock> clock_;
  std::mutex mutex_;
  std::shared_ptr<const Inventory> last_good_;
  std::string text_;  // what last_good_ was read from
  std::optional<platform::FileStatus> seen_;
  bool settled_ = false;
  std::string problem_;
};

}  // namespace

std::unique_ptr<Provider> make_file_provider(const std::string& path, OnWarning on_warning,
                                             std::shared_ptr<const Clock> clock) {
  return std::make_unique<FileProvider>(path, std::move(on_warning), std::move(clock));
}

}  // namespace lockable
