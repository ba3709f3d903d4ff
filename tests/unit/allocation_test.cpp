// Lockable and Allocation on a real folder: what a program holds, gives back, and is told.
#include <gtest/gtest.h>
#include <lockable/lockable.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>

#include "allocation/holdings.h"
#include "support/temp_folder.h"
#include "unit/memory_store.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;

class AllocationTest : public ::testing::Test {
 protected:
  AllocationTest() {
    options_.resources = Json::parse(R"([{"id": "a", "type": "dut", "slot": {"row": 3}, "pin": 1234},
                                         {"id": "b", "type": "dut"}, {"id": "c", "online": false}])");
    for (Json& resource : options_.resources) {
      resource["hostname"] = "lab";
      if (!resource.contains("online")) resource["online"] = true;
    }
    options_.hostname = "lab";
    options_.lock_folder = folder_ / "locks";
    options_.secret_keys = {"pin"};
  }
  ~AllocationTest() override {
    ::unsetenv("LOCKABLE_ALLOCATIONS");
    ::unsetenv("LOCKABLE_ALLOCATIONS_FILE");
  }
  bool free(const std::string& id) const {
    Options options = options_;
    options.adopt = false;
    try {
      Lockable(options).lock("online=null&id=" + id, 0s);
      return true;
    } catch (const AllocationTimeout&) {
      return false;
    }
  }

  testing::TempFolder folder_;
  Options options_;
};

TEST_F(AllocationTest, TellsWhatItHas) {
  Lockable lab(options_);
  Allocation board = lab.lock(R"({"slot": {"row": 3}, "$as": "dut"})");
  EXPECT_EQ(board.resource_id(), "a");
  EXPECT_EQ(board.get("slot.row"), 3);
  EXPECT_EQ(board.get("slot.row.x"), Json());
  EXPECT_EQ(board.get("slot..row"), Json());
  EXPECT_EQ(board.get(""), Json());
  EXPECT_EQ(board.resource_info()["no such key"], Json());
  EXPECT_EQ(board.public_info().at("pin"), "***");
  EXPECT_EQ(board.resource_info().at("pin"), 1234);
  EXPECT_EQ(board.role(), "dut");
  EXPECT_FALSE(board.lost() || board.adopted() || board.previous_owner_died());
  EXPECT_EQ(board.release_time(), std::nullopt);
  board.unlock();
  EXPECT_NE(board.release_time(), std::nullopt);
  EXPECT_FALSE(board.lost());
  EXPECT_TRUE(free("a"));
}

TEST_F(AllocationTest, ReleasingTwiceIsAnError) {
  Lockable lab(options_);
  Allocation board = lab.lock("id=a");
  lab.unlock(board);
  try {
    board.unlock();
    FAIL() << "released twice";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "resource a was released before");
  }
  EXPECT_THROW(lab.unlock(board), Error);
}

TEST_F(AllocationTest, MovingCarriesTheLock) {
  Lockable lab(options_);
  Allocation first = lab.lock("id=a");
  Allocation second = std::move(first);
  EXPECT_FALSE(free("a"));
  EXPECT_THROW(first.unlock(), Error);  // NOLINT(bugprone-use-after-move): that is the question
  Allocation other = lab.lock("id=b");
  other = std::move(second);
  EXPECT_FALSE(free("a"));
  EXPECT_TRUE(free("b"));
  Allocation& same = other;
  other = std::move(same);
  EXPECT_EQ(other.resource_id(), "a");
  EXPECT_FALSE(free("a"));
}

TEST_F(AllocationTest, OutlivesItsLockable) {
  auto lab = std::make_unique<Lockable>(options_);
  Allocation board = lab->lock("id=a");
  lab.reset();
  EXPECT_FALSE(free("a"));
  board.unlock();
  EXPECT_TRUE(free("a"));
}

TEST_F(AllocationTest, SeveralAreAllOrNone) {
  Lockable lab(options_);
  EXPECT_THROW(lab.lock(R"({"$count": 2})"), InvalidRequirements);
  Allocation board = lab.lock("id=a");
  EXPECT_THROW(lab.lock_many({"id=a", "id=b"}, 0s), AllocationTimeout);
  EXPECT_TRUE(free("b"));
  EXPECT_THROW(lab.lock_many({"type=dut", "type=dut", "type=dut"}, 1000s), ResourceNotFound);
  EXPECT_THROW(lab.lock_many({"id=b", "id=c"}, 1000s), ResourceNotFound);  // c is offline
  EXPECT_EQ(lab.lock_many({"id=b", "id=c&online=false"}, 0s).size(), 2U);
}

TEST_F(AllocationTest, TheDeadOwnersBoardIsAnnouncedOnce) {
  const pid_t child = ::fork();
  if (child == 0) {
    new Allocation(Lockable(options_).lock("id=a"));
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  Lockable lab(options_);
  EXPECT_TRUE(lab.lock("id=a").previous_owner_died());
  EXPECT_FALSE(lab.lock("id=a").previous_owner_died());
}

TEST_F(AllocationTest, ALostLockIsToldAndStaysLost) {
  Lockable lab(options_);
  Allocation board = lab.lock("id=a");
  std::filesystem::remove(folder_ / "locks/a.pid");
  EXPECT_TRUE(board.lost());
  board.unlock();
  EXPECT_TRUE(board.lost());
}

TEST_F(AllocationTest, TimeoutsAreKeptToTheMillisecond) {
  auto clock = std::make_shared<testing::SetClock>();
  options_.clock = clock;
  testing::MemoryStore memory(*clock);
  memory.held = {"a"};
  const std::shared_ptr<LockStore> store(&memory, [](LockStore*) {});
  Lockable lab(options_, nullptr, store);
  for (const auto timeout : {1ms, 999ms, 1001ms, 3600000ms}) {
    const auto start = clock->now();
    EXPECT_THROW(lab.lock("id=a", timeout), AllocationTimeout);
    EXPECT_EQ(clock->now() - start, timeout);
  }
  for (const auto timeout : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
    const auto start = clock->now();
    EXPECT_THROW(lab.lock("id=a", timeout), AllocationTimeout);
    EXPECT_EQ(clock->now(), start);
  }
}

TEST_F(AllocationTest, ADeadlockIsOneLineWhateverTheNamesHold) {
  options_.note = "bell\a\nand \x7f more";
  Lockable lab(options_);
  const Allocation board = lab.lock("id=a");
  try {
    lab.lock("id=a", 60s);
    FAIL() << "it holds it";
  } catch (const Deadlock& error) {
    for (const char c : std::string(error.what()))
      EXPECT_TRUE(c < 0 || (c >= ' ' && c != '\x7f')) << error.what();
  }
}

// As above, with a thread that is always about to note what it holds.
TEST_F(AllocationTest, AForkedChildMayDestroyItWhileAnotherThreadNotesItsHoldings) {
  Lockable lab(options_);
  std::optional<Allocation> board = lab.lock("id=a");
  std::atomic<bool> stop{false};
  std::thread busy([&stop] {
    while (!stop) note_holding("another");
    forget_holding("another");
  });
  int bad = 0;
  for (int i = 0; i < 100 && bad == 0; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(5);
      board.reset();
      ::_exit(0);
    }
    ::waitpid(child, &bad, 0);
  }
  stop = true;
  busy.join();
  EXPECT_EQ(bad, 0);
}

// A thread that waits for what it holds itself would wait in vain; what another one holds may come back.
TEST_F(AllocationTest, WaitingForOneselfIsADeadlockAndForAnotherThreadIsNot) {
  Lockable lab(options_);
  Allocation board = lab.lock("id=a");
  try {
    lab.lock("id=a", 60s);
    FAIL() << "it holds it";
  } catch (const Deadlock& error) {
    EXPECT_NE(std::string(error.what()).find("it waits for a, which is held by its own side"),
              std::string::npos)
        << error.what();
  }
  EXPECT_THROW(lab.lock("id=a", 0s), AllocationTimeout) << "that would not have waited";
  std::atomic<bool> waits{false};
  Options telling = options_;
  telling.on_waiting = [&waits](const Waiting&) { waits = true; };
  std::string got;
  std::thread other([&] { got = Lockable(telling).lock("id=a", 60s).resource_id(); });
  while (!waits) std::this_thread::yield();
  board.unlock();
  other.join();
  EXPECT_EQ(got, "a");
}

TEST_F(AllocationTest, AWaitingMessageIsOneLineWhateverTheNamesHold) {
  options_.resources = Json::array({{{"id", "two\nlines\x1b[31m"}}});
  options_.note = "bell\a\r\nand \x7f more";
  Lockable lab(options_);
  Allocation board = lab.lock("hostname=null&online=null");
  try {
    lab.lock("hostname=null&online=null", 0s);
    FAIL() << "held";
  } catch (const AllocationTimeout& error) {
    for (const char c : std::string(error.what()))
      EXPECT_TRUE(c < 0 || (c >= ' ' && c != '\x7f')) << error.what();
    EXPECT_NE(std::string(error.what()).find("two lines"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("and"), std::string::npos) << error.what();
  }
}

// What an environment says that no `lockable` wrote: it is left out, and the request is served as ever.
TEST_F(AllocationTest, SurroundingAllocationsThatAreGarbageAreLeftOut) {
  const auto element = [this](const Json& more) {
    Json made{{"alloc_id", "x"},
              {"handle", "h"},
              {"resource_id", "a"},
              {"store", "file:" + (folder_ / "locks")},
              {"resource", options_.resources.at(0)}};
    made.update(more);
    return Json::array({made}).dump();
  };
  const std::string deep = std::string(30'000, '[') + std::string(30'000, ']');
  for (const std::string& text :
       {std::string("garbage"), std::string("5"), std::string("[5, null, []]"), deep, element(Json::object()),
        element({{"store", "nope:x"}}), element({{"store", "file:/dev/null/x"}}), element({{"store", 5}}),
        element({{"fencing_token", "many"}}), element({{"fencing_token", -1}}), element({{"role", 5}}),
        element({{"handle", ""}}), element({{"resource", 5}}), element({{"resource", nullptr}})}) {
    ::setenv("LOCKABLE_ALLOCATIONS", text.c_str(), 1);
    Lockable lab(options_);
    Allocation board = lab.lock("id=a", 0s);
    EXPECT_FALSE(board.adopted());
  }
  ::setenv("LOCKABLE_ALLOCATIONS_FILE", "no slash", 1);
  EXPECT_FALSE(Lockable(options_).lock("id=a", 0s).adopted());
  for (const std::string& text : {deep, R"([{"resource":{"x":)" + deep + "}}]"}) {
    ::setenv("LOCKABLE_ALLOCATIONS_FILE", folder_.write("allocations", text).c_str(), 1);
    EXPECT_FALSE(Lockable(options_).lock("id=a", 0s).adopted());
  }
  std::filesystem::remove(folder_ / "allocations");
  EXPECT_FALSE(Lockable(options_).lock("id=a", 0s).adopted());
}

TEST_F(AllocationTest, ASurroundingAllocationWithAStrangeTokenDoesNotBreakTheRequest) {
  Options outer = options_;
  Allocation board = Lockable(outer).lock("id=a");
  ::setenv("LOCKABLE_ALLOCATIONS",
           Json::array({{{"alloc_id", board.alloc_id()},
                         {"handle", "h"},
                         {"resource_id", "a"},
                         {"store", board.store()},
                         {"resource", board.resource_info()},
                         {"fencing_token", "many"}}})
               .dump()
               .c_str(),
           1);
  EXPECT_EQ(Lockable(options_).lock("type=dut", 0s).resource_id(), "b");
}

// A child forked while another thread reads the folder inherits that thread's mutexes, locked.
TEST_F(AllocationTest, AForkedChildMayDestroyItWhateverOtherThreadsDo) {
  Lockable lab(options_);
  Allocation board = lab.lock("id=a");
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    Ticket ticket;
    while (!stop) lab.store().snapshot(ticket);
  });
  int failed = 0;
  for (int i = 0; i < 200 && failed == 0; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(20);
      { const Allocation mine = std::move(board); }
      ::_exit(0);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    if (status != 0) ++failed;
  }
  stop = true;
  reader.join();
  EXPECT_EQ(failed, 0);
  EXPECT_FALSE(board.lost());
}

}  // namespace
}  // namespace lockable
