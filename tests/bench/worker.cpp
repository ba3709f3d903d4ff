#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>

#include "arena.h"
#include "pauses.h"
#include "witness_file.h"

namespace lockable::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 60s;

// The tokens of one board only grow. Called by whoever holds it.
void check_token(const Arena& arena, const Allocation& board) {
  const std::string path = arena.file("token-" + board.resource_id());
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  std::uint64_t last = 0;
  const std::uint64_t token = board.fencing_token();
  if (::pread(fd, &last, sizeof last, 0) == static_cast<ssize_t>(sizeof last) && token <= last)
    arena.tell(kBroken, fmt::format("{}: fencing token {} after {}", board.resource_id(), token, last));
  if (::pwrite(fd, &token, sizeof token, 0) != static_cast<ssize_t>(sizeof token))
    arena.tell(kBroken, path + " cannot be written");
  ::close(fd);
}

void hold(unsigned seed) {
  std::minstd_rand random(seed + 1);
  std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<>(0, 2000)(random)));
}

// `told`: that the last holder died.
void enter(const Arena& arena, const std::string& board, bool told, WitnessFile& witness) {
  switch (witness.enter()) {
    case WitnessFile::Entered::kAlone:
      return;
    case WitnessFile::Entered::kAfterAKill:
      arena.tell(kCleaned, board);
      if (!told)
        arena.tell(kBroken, fmt::format("{}: {} died holding it, and {} was not told", board, witness.who(),
                                        ::getpid()));
      return;
    case WitnessFile::Entered::kOverlap:
      arena.tell(kOverlaps,
                 fmt::format("{}: {} has it, {} got it as well", board, witness.who(), ::getpid()));
  }
}

void leave(const Arena& arena, const std::string& board, WitnessFile& witness) {
  if (!witness.leave())
    arena.tell(kOverlaps,
               fmt::format("{}: {} had it, and found '{}' in its place", board, ::getpid(), witness.who()));
}

void check_kept(const Arena& arena, const Allocation& board) {
  if (board.lost()) arena.tell(kBroken, fmt::format("{}: {} lost its lock", board.resource_id(), ::getpid()));
}

// Never queues, so that many go for the same board at the same moment.
Allocation lock_in_a_rush(Lockable& lab, const Arena& arena) {
  const auto until = BootClock::now() + kTimeout;
  for (;;) {
    try {
      return lab.lock(arena.any(1), 0s);
    } catch (const AllocationTimeout&) {
      if (BootClock::now() > until) throw;
    }
    std::this_thread::sleep_for(100us);
  }
}

}  // namespace

int work_once(const Arena& arena, unsigned seed, bool rush, bool pausing) try {
  if (pausing) pause_now_and_then(seed);
  Lockable lab(arena.options());
  const auto started = BootClock::now();
  Allocation board = rush ? lock_in_a_rush(lab, arena) : lab.lock(arena.any(1), kTimeout);
  WitnessFile witness(arena.witnesses(), board.resource_id());
  enter(arena, board.resource_id(), board.previous_owner_died(), witness);
  arena.tell_allocation(kAllocations, (BootClock::now() - started).count());
  check_token(arena, board);
  hold(seed);
  leave(arena, board.resource_id(), witness);
  check_kept(arena, board);
  board.unlock();
  return 0;
} catch (const AllocationTimeout& error) {
  fmt::print(stderr, "worker {}: stuck: {}\n", ::getpid(), error.what());
  return kWorkerStuck;
} catch (const std::exception& error) {
  fmt::print(stderr, "worker {}: {}\n", ::getpid(), error.what());
  return kWorkerFailed;
}

int work_held(const Arena& arena, const std::string& board, unsigned seed) {
  WitnessFile witness(arena.witnesses(), board);
  enter(arena, board, true, witness);
  arena.tell_allocation(kPeerAllocations, 0);
  hold(seed);
  leave(arena, board, witness);
  return 0;
}

}  // namespace lockable::bench
