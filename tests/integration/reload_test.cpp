// Changes of an inventory reach requests that already wait, from a file and from behind a URL alike.
#include <lockable/lockable.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "integration/http_bench.h"

namespace lockable::testing {
namespace {

using namespace std::chrono_literals;

Json board(const std::string& id, bool online = true) {
  return {{"id", id}, {"type", "dut"}, {"hostname", this_host()}, {"online", online}, {"serial", "old"}};
}

/// This process holds b1, the only board that is online, and waits for another or for that.
class ReloadTest : public HttpBench {
 protected:
  ReloadTest() {
    ::setenv("no_proxy", "127.0.0.1", 1);
    write({board("b1"), board("b2", false)});
    std::thread([] {}).join();  // with the first one a sanitizer starts its own
  }

  // At once, so that nobody reads half of it.
  void write_text(const std::string& text) const {
    folder_.write("new", text);
    std::filesystem::rename(folder_ / "new", folder_ / "resources.json");
  }
  void write(const std::vector<Json>& boards) const { write_text(Json(boards).dump()); }
  void answer_with(const std::string& status) const {
    folder_.write("new-status", status);
    std::filesystem::rename(folder_ / "new-status", folder_ / "resources.json.status");
  }
  void answer_well() const { std::filesystem::remove(folder_ / "resources.json.status"); }

  Options options(Json resources) {
    Options options;
    options.resources = std::move(resources);
    use_store(options);
    options.adopt = false;
    options.http.fresh_for = 0s;
    options.http.refresh_every = 20ms;
    options.on_warning = [this](const std::string& warning) {
      const std::lock_guard<std::mutex> guard(mutex_);
      warnings_.push_back(warning);
    };
    return options;
  }
  std::vector<std::string> warnings() {
    const std::lock_guard<std::mutex> guard(mutex_);
    return warnings_;
  }

  /// Asks for a board on a thread of its own; returns once that waits.
  std::future<Json> start_waiting(Lockable& lab, std::chrono::nanoseconds timeout = 30s) {
    auto got = std::async(std::launch::async,
                          [&lab, timeout] { return lab.lock("type=dut", timeout).resource_info(); });
    await("it waits", [&] { return waiting() == 1 || got.wait_for(0s) == std::future_status::ready; });
    return got;
  }

  static std::size_t threads() {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
  }

  HttpServer server_{folder_.path()};

 private:
  std::mutex mutex_;
  std::vector<std::string> warnings_;
};

class ReloadFromTest : public ReloadTest, public ::testing::WithParamInterface<const char*> {
 protected:
  bool http() const { return GetParam() == std::string("http"); }
  /// Until what was written is what waiting requests see: the server is asked again only once its answer was
  /// taken in. A file is read in each round.
  void await_reload() const {
    if (!http()) return;
    server_.await_count(200, 2);
    await("the new text was read", [&] { return server_.requests().back().at("status") == 304; });
  }

  Lockable lab_{options(http() ? server_.url("/file/resources.json") : folder_ / "resources.json")};
  Allocation held_ = lab_.lock("id=b1", 5s);
};

TEST_P(ReloadFromTest, ABoardPutOnlineServesThem) {
  auto got = start_waiting(lab_);
  write({board("b1"), board("b2")});
  EXPECT_EQ(got.get().at("id"), "b2");
}

TEST_P(ReloadFromTest, ABoardAddedServesThem) {
  auto got = start_waiting(lab_);
  write({board("b1"), board("b2", false), board("b3")});
  EXPECT_EQ(got.get().at("id"), "b3");
}

TEST_P(ReloadFromTest, TheyGetTheBoardAsItIsNow) {
  Lockable other(options(Json::array({board("b9")})));
  const Allocation kept = other.lock("id=b9", 5s);
  auto got = start_waiting(lab_);
  Json changed = board("b1");
  changed["serial"] = "new";
  write({changed, board("b9")});
  await("its ticket tells of the new inventory",
        [&] { return other.store().queue().at(0).wants.at(0).candidates.size() == 2; });
  held_.unlock();
  EXPECT_EQ(got.get().at("serial"), "new");
}

TEST_P(ReloadFromTest, ABoardTakenAwayServesThemNoMore) {
  auto got = start_waiting(lab_, http() ? 12s : 4s);
  write({board("b2", false)});
  await_reload();
  held_.unlock();
  try {
    got.get();
    ADD_FAILURE() << "got a board that is gone";
  } catch (const AllocationTimeout& error) {
    EXPECT_TRUE(contains(error.what(), "b1 left the inventory, or does not match any more")) << error.what();
  }
}

TEST_P(ReloadFromTest, BrokenForAMomentTheLastGoodOneStays) {
  auto got = start_waiting(lab_);
  write_text("[{\"id\": \"b1\",");
  await("it is told", [this] { return !warnings().empty(); });
  held_.unlock();
  EXPECT_EQ(got.get().at("id"), "b1");
  ASSERT_EQ(warnings().size(), 1U);
  EXPECT_TRUE(contains(warnings()[0], "resources.json: line 1, column ")) << warnings()[0];
  EXPECT_TRUE(contains(warnings()[0], "; going on with the inventory as it was before")) << warnings()[0];
}

INSTANTIATE_TEST_SUITE_P(Each, ReloadFromTest, ::testing::Values("file", "http"),
                         [](const auto& param_info) { return std::string(param_info.param); });

TEST_F(ReloadTest, AnUnchangedInventoryCostsA304) {
  for (const char* path : {"/file/resources.json", "/modified/resources.json"}) {
    const std::size_t full = server_.count(200);
    Lockable lab(options(server_.url(path)));
    const auto first = lab.inventory();
    EXPECT_EQ(lab.inventory(), first);
    lab.lock("id=b1", 5s).unlock();
    EXPECT_EQ(server_.count(200), full + 1) << path;
  }
  EXPECT_EQ(server_.count(304), 4U);
  write({board("b3")});
  Lockable lab(options(server_.url("/file/resources.json")));
  EXPECT_NE(lab.inventory()->find("b3"), nullptr);
  write({board("b4")});
  EXPECT_NE(lab.inventory()->find("b4"), nullptr);
}

TEST_F(ReloadTest, WhatIsFreshIsNotAskedFor) {
  Options slow = options(server_.url("/file/resources.json"));
  slow.http.fresh_for = 1h;
  Lockable lab(slow);
  lab.inventory();
  lab.lock("id=b1", 5s).unlock();
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(ReloadTest, AServerInTroubleIsWarnedOfAndNotWaitedFor) {
  Lockable lab(options(server_.url("/file/resources.json", "ann:hunter2")));
  lab.inventory();
  answer_with("503");
  EXPECT_EQ(lab.lock("id=b1", 30s).resource_id(), "b1");
  ASSERT_EQ(warnings().size(), 1U);
  EXPECT_EQ(warnings()[0],
            "inventory http://***@127.0.0.1:" + std::to_string(server_.port()) +
                "/file/resources.json: HTTP status 503 (Service Unavailable); 1 try; going on with the "
                "inventory as it was before");
  EXPECT_EQ(server_.count(503), 1U);
}

TEST_F(ReloadTest, ItRecoversWhileARequestWaits) {
  Lockable lab(options(server_.url("/file/resources.json")));
  Allocation held = lab.lock("id=b1", 5s);
  auto got = start_waiting(lab);
  answer_with("503");
  server_.await_count(503, 2);
  write({board("b2")});
  answer_well();
  EXPECT_EQ(got.get().at("id"), "b2");
}

TEST_F(ReloadTest, AServerThatHangsDelaysNoGrant) {
  Lockable lab(options(server_.url("/file/resources.json")));
  std::optional<Allocation> held = lab.lock("id=b1", 5s);
  const std::size_t threads_before = threads();
  auto got = start_waiting(lab);
  answer_with("0");
  server_.await_count(0, 1);
  const auto released = std::chrono::steady_clock::now();
  held->unlock();
  EXPECT_EQ(got.get().at("id"), "b1");
  EXPECT_LT(std::chrono::steady_clock::now() - released, 10s);  // the server would take 60 s
  await("only our own threads are left", [&] { return threads() == threads_before; });
}

TEST_F(ReloadTest, NobodyIsAskedWhileNobodyWaits) {
  Lockable lab(options(server_.url("/file/resources.json")));
  const std::size_t threads_before = threads();
  // By another thread: one that waited for itself would wait in vain.
  const Allocation held = std::async(std::launch::async, [&lab] { return lab.lock("id=b1", 5s); }).get();
  await("its thread has ended", [&] { return threads() == threads_before; });
  EXPECT_THROW(lab.lock("type=dut", 300ms), AllocationTimeout);
  await("its thread is gone", [&] { return threads() == threads_before; });
}

TEST_F(ReloadTest, SeveralThatWaitShareTheQuestions) {
  std::mutex mutex;
  std::map<std::thread::id, int> rounds;  // that each of them has made
  Options counting = options(server_.url("/file/resources.json"));
  counting.waiting_interval = 10ms;
  counting.on_waiting = [&](const Waiting&) {
    const std::lock_guard<std::mutex> guard(mutex);
    ++rounds[std::this_thread::get_id()];
  };
  Lockable lab(counting);
  Allocation held = lab.lock("id=b1", 5s);
  const auto ask = [&lab] { return lab.lock("type=dut", 30s).resource_id(); };
  std::vector<std::future<std::string>> got;
  for (int i = 0; i < 4; ++i) got.push_back(std::async(std::launch::async, ask));
  await("they wait", [&] { return waiting() == 4; });
  answer_with("0");
  server_.await_count(0, 1);
  {
    const std::lock_guard<std::mutex> guard(mutex);
    rounds.clear();
  }
  await("each could have asked again", [&] {
    const std::lock_guard<std::mutex> guard(mutex);
    return rounds.size() == 4 &&
           std::all_of(rounds.begin(), rounds.end(), [](const auto& round) { return round.second > 2; });
  });
  EXPECT_EQ(server_.count(0), 1U);
  held.unlock();
  for (auto& id : got) EXPECT_EQ(id.get(), "b1");
}

TEST_F(ReloadTest, TheCommandSeesItWithinSeconds) {
  Process holder(lockable_with(
      server_.url("/file/resources.json"),
      {"--requirements", "id=b1", "--die-with-parent", "--", "sh", "-c", "echo ready; exec sleep 60"}));
  holder.await_output("ready");
  Process waiter(lockable_with(server_.url("/file/resources.json"),
                               {"--timeout", "30", "--", "sh", "-c", "echo got $ID"}));
  waiter.await_output("waiting for");
  write({board("b1"), board("b2")});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(waiter.wait().out, "got b2\n");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 25s);
}

}  // namespace
}  // namespace lockable::testing
