#include "platform/background.h"

#include <signal.h>

#include <system_error>

#include "platform/file.h"

namespace lockable::platform {
namespace {

// A thread inherits the mask of the one that makes it.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

Background::Background(std::function<void(int stop_fd)> work) {
  const AllSignalsBlocked blocked;
  try {
    thread_ = std::thread([this, work = std::move(work)] {
      work(stop_.fd());
      done_ = true;
    });
  } catch (const std::system_error& error) {
    throw SystemError("cannot start a thread", error.code().value());
  }
}

Background::~Background() {
  stop_.ring();
  thread_.join();
}

}  // namespace lockable::platform
