// An inventory in a file: read again when it changes, kept when it is broken.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <lockable/error.h>
#include <lockable/provider.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/temp_folder.h"
#include "unit/memory_store.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;

class FileProviderTest : public ::testing::Test {
 protected:
  // Written so long before the clock's present.
  void write(const std::string& text, std::chrono::nanoseconds ago) const {
    folder_.write("lab.json", text);
    const auto written = (clock_->wall() - ago).time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(written);
    const timespec at{seconds.count(), static_cast<long>((written - seconds).count())};
    const timespec times[2] = {at, at};
    ASSERT_EQ(::utimensat(AT_FDCWD, path().c_str(), times, 0), 0);
  }
  std::string path() const { return folder_ / "lab.json"; }
  std::shared_ptr<const Inventory> read() { return provider_->inventory(BootClock::time_point::max()); }
  std::string problem() {
    try {
      read();
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }

  testing::TempFolder folder_;
  std::shared_ptr<testing::SetClock> clock_ = std::make_shared<testing::SetClock>();
  std::vector<std::string> warnings_;
  std::unique_ptr<Provider> provider_ =
      make_provider(path(), {[this](const std::string& text) { warnings_.push_back(text); }, {}, -1, clock_});
};

TEST_F(FileProviderTest, NoSuchFile) {
  EXPECT_THROW(read(), ProviderError);
  EXPECT_EQ(problem(), "inventory " + path() + ": cannot open " + path() + ": No such file or directory");
}

TEST_F(FileProviderTest, AFolderAndAFifoAreRefusedWithoutBlocking) {
  std::filesystem::create_directory(path());
  EXPECT_EQ(problem(), "inventory " + path() + ": cannot read " + path() + ": Is a directory");
  std::filesystem::remove(path());
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_NE(problem().find("which is no regular file"), std::string::npos) << problem();
  EXPECT_THROW(read(), ProviderError);
}

TEST_F(FileProviderTest, NoJsonIsAnInvalidInventory) {
  write("[{]", 1h);
  EXPECT_THROW(read(), InvalidInventory);
  EXPECT_NE(problem().find(path() + ": line 1, column 3"), std::string::npos) << problem();
  write("", 1h);
  EXPECT_NE(problem().find("is empty"), std::string::npos) << problem();
}

TEST_F(FileProviderTest, UnchangedItIsTheSameObjectAndNotReadAgain) {
  write(R"([{"id": "a"}])", 3s);
  const auto first = read();
  EXPECT_EQ(read(), first);
  write(R"([{"id": "b"}])", 3s);  // nothing shows it: that is what "not read again" means
  EXPECT_EQ(read(), first);
}

TEST_F(FileProviderTest, AChangeIsSeenByTimeSizeOrInode) {
  write(R"([{"id": "a"}])", 1h);
  read();
  write(R"([{"id": "b"}])", 59min);
  EXPECT_NE(read()->find("b"), nullptr);
  write(R"([{"id": "b2"}])", 59min);
  EXPECT_NE(read()->find("b2"), nullptr);
  std::filesystem::rename(path(), folder_ / "old");
  write(R"([{"id": "c3"}])", 59min);
  EXPECT_NE(read()->find("c3"), nullptr);
}

TEST_F(FileProviderTest, ASecondChangeWithinTheSameTickIsSeen) {
  write(R"([{"id": "a"}])", 0s);
  read();
  write(R"([{"id": "b"}])", 0s);
  EXPECT_NE(read()->find("b"), nullptr);
  clock_->advance_to(clock_->now() + 1s);
  write(R"([{"id": "c"}])", 1s);
  EXPECT_NE(read()->find("c"), nullptr);
}

TEST_F(FileProviderTest, RewrittenWithTheSameTextItIsTheSameObject) {
  write(R"([{"id": "a"}])", 1h);
  const auto first = read();
  write(R"([{"id": "a"}])", 1min);
  EXPECT_EQ(read(), first);
}

TEST_F(FileProviderTest, ABrokenFileKeepsTheLastGoodOneWithOneWarning) {
  write(R"([{"id": "a"}])", 1h);
  const auto good = read();
  write(R"([{"id": "a"}, {"i)", 0s);
  EXPECT_EQ(read(), good);
  EXPECT_EQ(read(), good);
  clock_->advance_to(clock_->now() + 1h);
  EXPECT_EQ(read(), good);
  EXPECT_EQ(read(), good);
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_NE(warnings_[0].find("line 1, column 18"), std::string::npos) << warnings_[0];
  EXPECT_NE(warnings_[0].find("going on with the inventory as it was before"), std::string::npos);
}

TEST_F(FileProviderTest, EachNewProblemIsTold) {
  write(R"([{"id": "a"}])", 1h);
  const auto good = read();
  std::filesystem::remove(path());
  EXPECT_EQ(read(), good);
  EXPECT_EQ(read(), good);
  write("{}", 1min);
  EXPECT_EQ(read(), good);
  EXPECT_EQ(read(), good);
  EXPECT_EQ(warnings_.size(), 2U);
  write(R"([{"id": "b"}])", 0s);
  EXPECT_NE(read()->find("b"), nullptr);
  write("{}", 0s);
  EXPECT_NE(read()->find("b"), nullptr);
  EXPECT_EQ(warnings_.size(), 3U);
}

// The same bytes again after a broken moment are no news, but they end the trouble.
TEST_F(FileProviderTest, AFileThatIsMendedIsReadAgain) {
  write(R"([{"id": "a"}])", 1h);
  const auto good = read();
  write("[", 10min);
  EXPECT_EQ(read(), good);
  write(R"([{"id": "a"}])", 5min);
  EXPECT_EQ(read(), good);
  EXPECT_EQ(warnings_.size(), 1U);
  write("[", 1min);
  EXPECT_EQ(read(), good);
  EXPECT_EQ(warnings_.size(), 2U);
}

TEST_F(FileProviderTest, ALinkIsFollowed) {
  write(R"([{"id": "a"}])", 1h);
  std::filesystem::create_symlink(path(), folder_ / "link.json");
  EXPECT_NE(make_provider(folder_ / "link.json")->inventory(BootClock::time_point::max())->find("a"),
            nullptr);
}

TEST(MakeProvider, TakesAListOrAPathAndNothingElse) {
  const auto list = make_provider(Json::array({{{"id", 1}}}));
  EXPECT_NE(list->inventory(BootClock::time_point::max())->find("1"), nullptr);
  EXPECT_THROW(make_provider(Json::array({5})), InvalidInventory);
  for (const Json& wrong : {Json(), Json(5), Json(true), Json(""), Json::object()})
    EXPECT_THROW(make_provider(wrong), ProviderError) << wrong;
}

}  // namespace
}  // namespace lockable
