// The file store on a real folder: opening it, taking all or none, tokens.
#include <lockable/error.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/identity.h"
#include "stores/file/names.h"
#include "unit/store_folder.h"

namespace lockable::file_store {
namespace {

namespace fs = std::filesystem;
class FileStoreTest : public StoreFolder {
 protected:
  std::vector<std::string> held_ids(const Ticket& asked) const {
    std::vector<std::string> ids;
    for (const Held& held : another()->snapshot(asked).held) ids.push_back(held.resource_id);
    return ids;
  }
};

TEST_F(FileStoreTest, AMissingFolderIsMadeWithItsParents) {
  const auto store = open(folder_ / "a/b//c/", false);
  EXPECT_EQ(take(*store, {"x"}).size(), 1U);
  EXPECT_TRUE(fs::is_directory(folder_ / "a/b/c/.lockable/queue"));
}

TEST_F(FileStoreTest, FailuresAreRemembered) {
  for (const std::string& id :
       {std::string("a"), std::string("."), std::string("x/y"), std::string(251, 'l')}) {
    {
      const auto leases = take(*store_, {id});
      EXPECT_EQ(leases.at(0)->failures(), 0) << id;
      leases.at(0)->note_failures(12);
    }
    const auto leases = take(*another(), {id});
    EXPECT_EQ(leases.at(0)->failures(), 12) << id;
    leases.at(0)->note_failures(0);
    EXPECT_EQ(leases.at(0)->failures(), 0) << id;
  }
}

TEST_F(FileStoreTest, FailuresMayBeLost) {
  const auto leases = take(*store_, {"a"});
  leases.at(0)->note_failures(2);
  for (const char* text : {"", "x", "-3", "99999999999999"}) {
    write(".lockable/failures/a.n", text);
    EXPECT_EQ(leases.at(0)->failures(), 0) << text;
  }
  fs::remove_all(locks() + "/.lockable/failures");
  EXPECT_EQ(leases.at(0)->failures(), 0);
  fs::create_directories(folder_ / "target");
  folder_.write("target/a.n", "theirs");
  fs::create_symlink(folder_ / "target", locks() + "/.lockable/failures");
  leases.at(0)->note_failures(2);
  EXPECT_EQ(testing::read_text(folder_ / "target/a.n"), "theirs");
}

// The URI is told to children, which may have another working directory.
TEST_F(FileStoreTest, TheUriHoldsInAnyWorkingDirectory) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  const std::string relative = open("locks", false)->uri();
  const std::string odd = open("locks/../locks//", false)->uri();
  fs::current_path(before);
  EXPECT_EQ(relative, store_->uri());
  EXPECT_EQ(odd, store_->uri());
  EXPECT_EQ(store_->uri(), "file:" + fs::canonical(locks()).string());
}

TEST_F(FileStoreTest, WhatIsInTheWayOfTheFolderIsNamed) {
  const auto said = [](const std::string& folder, const std::string& part) {
    const std::string problem = problem_of(folder);
    EXPECT_EQ(problem.rfind("lock folder " + folder + " cannot be used: ", 0), 0U) << problem;
    EXPECT_NE(problem.find(part), std::string::npos) << problem;
  };
  const std::string file = folder_.write("file", "");
  said(file, file + ": Not a directory");
  said(file + "/sub", file + "/sub: Not a directory");
  said("/proc/no/such", "/proc/no: No such file or directory");
  said(folder_ / std::string(300, 'x'), "File name too long");
  fs::create_symlink(folder_ / "nowhere", folder_ / "link");
  said(folder_ / "link", "No such file or directory");
}

TEST_F(FileStoreTest, WhatIsPlantedInItsPlaceIsNamed) {
  for (const char* name : {".lockable", ".lockable/queue", ".lockable/ids", ".lockable/tokens"}) {
    const std::string planted = locks() + "/" + name;
    const std::string target = folder_ / "target";
    for (const bool link : {true, false}) {
      fs::remove_all(planted);
      fs::create_directories(fs::path(planted).parent_path());
      fs::create_directories(target);
      if (link)
        fs::create_directory_symlink(target, planted);
      else if (planted == locks() + "/.lockable/tokens")
        fs::create_directory(planted);
      else
        write(name, "");
      const std::string problem = problem_of(locks());
      EXPECT_NE(problem.find(planted), std::string::npos) << problem;
      EXPECT_NE(problem.find("something else is in its place"), std::string::npos) << problem;
      EXPECT_TRUE(fs::is_empty(target)) << name;
    }
    fs::remove_all(planted);
  }
}

TEST_F(FileStoreTest, TakesAllOrNone) {
  const Leases one = take({"b"});
  EXPECT_TRUE(take({"a", "b", "c"}).empty());
  EXPECT_FALSE(fs::exists(pid_file("a")));
  EXPECT_FALSE(fs::exists(pid_file("c")));
  const Leases others = take({"c", "a"});
  ASSERT_EQ(others.size(), 2U);
  EXPECT_EQ(others[0]->resource_id(), "c");
}

TEST_F(FileStoreTest, ACommitThatFailsLeavesTheNewsOfADeath) {
  write("a.pid", "4194304\n");
  {
    const Leases one = take({"b"});
    EXPECT_TRUE(take({"a", "b"}).empty());
  }
  EXPECT_TRUE(take({"a", "b"}).front()->previous_owner_died());
  EXPECT_FALSE(take({"a"}).front()->previous_owner_died());
}

TEST_F(FileStoreTest, TheSnapshotSeesWhatIsHeldAmongFewAndMany) {
  const std::string hashed = "../evil";
  const Leases leases = take({"b3", hashed});
  std::vector<std::string> few{"b3", "b4", hashed};
  EXPECT_EQ(held_ids(ticket(few)), (std::vector<std::string>{hashed, "b3"}));
  std::vector<std::string> many{hashed};
  for (int i = 0; i < 1000; ++i) many.push_back("b" + std::to_string(i));
  EXPECT_EQ(held_ids(ticket(many)), (std::vector<std::string>{hashed, "b3"}));
}

TEST_F(FileStoreTest, IdsThatCannotBeNamesStayInTheFolder) {
  std::vector<std::string> ids{
      "../evil", "/tmp/evil", std::string("a\0b", 3), std::string(300, 'x'), "two\nlines", "ü", ".", ".."};
  const Leases leases = take(ids);
  ASSERT_EQ(leases.size(), ids.size());
  EXPECT_FALSE(fs::exists(folder_ / "evil.pid"));
  EXPECT_FALSE(fs::exists("/tmp/evil.pid"));
  for (const std::string& id : ids) EXPECT_EQ(another()->holders(id).at(0).alloc_id, "alloc-" + id);
}

TEST_F(FileStoreTest, TokensGrowWhateverBecomesOfTheirFile) {
  const std::string tokens = locks() + "/.lockable/tokens";
  std::uint64_t last = 0;
  const auto next_grows = [&] {
    const std::uint64_t token = take(*another(), {"b"}).at(0)->fencing_token();
    EXPECT_GT(token, last);
    last = token;
  };
  next_grows();
  next_grows();
  fs::remove(tokens);
  next_grows();
  for (const char garbage : {'\0', 'x', '\xff', '\x7f'}) {
    folder_.write("locks/.lockable/tokens", std::string(65536 * 8, garbage));
    next_grows();
    next_grows();
  }
  folder_.write("locks/.lockable/tokens", "xyz");
  next_grows();
}

TEST_F(FileStoreTest, WhatIsPlantedForTheTokensIsNamedAndNeverWrittenTo) {
  const std::string tokens = locks() + "/.lockable/tokens";
  const std::string precious = folder_.write("precious", "precious");
  const auto named = [&] {
    const std::string problem = problem_of(locks());
    EXPECT_NE(problem.find(tokens), std::string::npos) << problem;
    EXPECT_NE(problem.find("something else is in its place"), std::string::npos) << problem;
    fs::remove(tokens);
  };
  fs::remove(tokens);
  fs::create_hard_link(precious, tokens);
  named();
  EXPECT_EQ(testing::read_text(precious), "precious");
  ASSERT_EQ(::mkfifo(tokens.c_str(), 0600), 0);
  named();
}

TEST_F(FileStoreTest, TokensGrowWhenTheClockGoesBack) {
  const platform::Folder folder = platform::Folder::open(locks() + "/.lockable");
  const Tokens tokens(folder);
  const WallTime now{std::chrono::hours(24 * 365 * 50)};
  const std::uint64_t first = tokens.next("b", now);
  EXPECT_EQ(first, 24ULL * 365 * 50 * 3600 * 1'000'000);
  EXPECT_EQ(tokens.next("b", now), first + 1);
  EXPECT_EQ(Tokens(folder).next("b", now - std::chrono::hours(1)), first + 2);
  EXPECT_EQ(tokens.next("b", WallTime(std::chrono::hours(-5))), first + 3);
  EXPECT_EQ(tokens.next("never seen", WallTime(std::chrono::hours(-5))), 1U);
}

// Old files in the temporary folder are swept away by the system while long processes live.
TEST_F(FileStoreTest, LivesOnWhenItsOwnFolderIsRemoved) {
  fs::remove_all(locks() + "/.lockable");
  EXPECT_EQ(take({"b", "../evil"}).size(), 2U);
  const auto place = store_->enqueue(ticket({"b"}));
  ASSERT_EQ(another()->queue().size(), 1U);
  fs::remove_all(locks() + "/.lockable");
  place->wait(BootClock::now(), -1);
  const auto queue = another()->queue();
  ASSERT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.front().id, place->ticket().id);
  another()->wake({queue.front().id});
  EXPECT_TRUE(rung(*place));
}

TEST_F(FileStoreTest, WhoGivesBackUnusedLeavesTheNewsOfADeath) {
  folder_.write("locks/b.pid", "4194304\n");  // py-lockable's
  for (int i = 0; i < 2; ++i) {
    const Leases leases = take({"b"});
    EXPECT_TRUE(leases.at(0)->previous_owner_died());
    leases.at(0)->give_back_unused();
    EXPECT_FALSE(held("b"));
  }
  EXPECT_TRUE(take({"b"}).at(0)->previous_owner_died());
  const Leases next = take({"b"});
  EXPECT_FALSE(next.at(0)->previous_owner_died());
  next.at(0)->give_back_unused();
  EXPECT_FALSE(fs::exists(pid_file("b")));
}

TEST_F(FileStoreTest, KnowsWhetherWhoWaitsIsStopped) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::raise(SIGSTOP));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(status));
  Ticket waits = ticket({"b"});
  waits.owner = {{"pid", child},
                 {"start_time", platform::start_time(child).value_or(0)},
                 {"boot_id", platform::self().boot_id},
                 {"pid_namespace", platform::self().pid_namespace}};
  EXPECT_TRUE(store_->is_stopped(waits));
  for (const char* key : {"start_time", "boot_id", "pid_namespace", "pid"}) {
    Ticket other = waits;
    other.owner[key] = "another";
    EXPECT_FALSE(store_->is_stopped(other)) << key;
  }
  waits.owner["start_time"] = 1;
  EXPECT_FALSE(store_->is_stopped(waits)) << "another process that had its number before";
  waits.owner["pid"] = ::getpid();
  waits.owner["start_time"] = platform::self().start_time;
  EXPECT_FALSE(store_->is_stopped(waits));
  EXPECT_FALSE(store_->is_stopped(ticket({"b"})));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

// Whose record of a slot is too far out for the limit of file sizes.
TEST_F(FileStoreTest, WhenOneCannotBeWrittenTheNewsOfADeathStayWithTheOthers) {
  folder_.write("locks/b.pid", "4194304\n");
  EXPECT_TRUE(in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    try {
      store_->commit({}, {{"b", "one"}, {"licence", "two", 1, 4}}, {{"pid", ::getpid()}});
    } catch (const StoreError&) {
      return true;
    }
    return false;
  }));
  EXPECT_FALSE(held("b") || held("licence"));
  EXPECT_TRUE(take({"b"}).at(0)->previous_owner_died());
}

TEST_F(FileStoreTest, AFolderThatIsGoneIsAnErrorOfTheFolder) {
  const auto place = store_->enqueue(ticket({"b"}));
  fs::remove_all(locks());
  EXPECT_THROW(take({"b"}), LockFolderError);
  EXPECT_THROW(store_->enqueue(ticket({"b"})), LockFolderError);
  EXPECT_THROW(place->wait(BootClock::now(), -1), LockFolderError);
  EXPECT_THROW(place->update({}), LockFolderError);
}

}  // namespace
}  // namespace lockable::file_store
