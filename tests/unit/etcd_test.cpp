// The pure parts of the etcd store: addresses, keys, messages, and the order of the queue.
#include <gtest/gtest.h>
#include <lockable/error.h>

#include <algorithm>

#include "stores/etcd/address.h"
#include "stores/etcd/keys.h"
#include "stores/etcd/messages.h"
#include "stores/etcd/view.h"

namespace lockable::etcd {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

std::string problem_of(const std::string& uri) try {
  parse_address(uri);
  return "none";
} catch (const StoreError& error) {
  return error.what();
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

TEST(EtcdAddress, IsCompleted) {
  const Address one = parse_address("etcd://lab");
  EXPECT_EQ(one.uri, "etcd://lab:2379/lockable");
  EXPECT_EQ(one.endpoints, std::vector<std::string>{"http://lab:2379"});
  EXPECT_FALSE(one.tls);
  const Address three = parse_address("etcds://a:1,[::1],[::2]:65535/labs/east");
  EXPECT_EQ(three.uri, "etcds://a:1,[::1]:2379,[::2]:65535/labs/east");
  EXPECT_EQ(three.endpoints,
            (std::vector<std::string>{"https://a:1", "https://[::1]:2379", "https://[::2]:65535"}));
  EXPECT_EQ(three.name_space, "labs/east");
  EXPECT_TRUE(three.tls);
  EXPECT_EQ(parse_address(three.uri).uri, three.uri);
}

TEST(EtcdAddress, WhatIsNone) {
  for (const char* uri :
       {"etcd://", "etcd:///lab", "etcd://a,,b/lab", "etcd://a:0/lab", "etcd://a:65536/lab", "etcd://a:x/lab",
        "etcd://a:/lab", "etcd://a/lab/", "etcd://a/l b", "etcd://a?b:1/lab"})
    EXPECT_TRUE(says(problem_of(uri), "expected etcd://host:port")) << uri << ": " << problem_of(uri);
}

TEST(EtcdAddress, APasswordInItIsRefusedAndNotShown) {
  const std::string problem = problem_of("etcd://me:s3cret@a:1/lab");
  EXPECT_FALSE(says(problem, "s3cret")) << problem;
  EXPECT_TRUE(says(problem, "LOCKABLE_ETCD_PASSWORD_FILE")) << problem;
}

TEST(EtcdMessages, Base64) {
  const std::pair<std::string, std::string> both[] = {
      {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
      {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {std::string("\0\xff\xfe", 3), "AP/+"}};
  for (const auto& [bytes, text] : both) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
  EXPECT_EQ(from_base64("Zm9v!Zm9v"), "foo");
}

TEST(EtcdMessages, AnAnswerIsRead) {
  const Json said = Json::parse(R"({"header":{"revision":"9007199254740993"},"succeeded":true,"responses":[
      {"response_range":{"kvs":[{"key":"YQ==","value":"Yg==","create_revision":"5","mod_revision":"7"}]}},
      {"response_put":{}},
      {"response_txn":{"succeeded":true,"responses":[{"response_put":{}}]}},
      {"response_delete_range":{}}]})");
  const Answer answer = read_answer(said);
  EXPECT_TRUE(answer.succeeded);
  EXPECT_EQ(answer.revision, 9007199254740993);  // as a double it would be another one
  ASSERT_EQ(answer.found.size(), 4U);
  EXPECT_EQ(answer.found[0].at(0).value, "b");
  EXPECT_EQ(answer.found[0].at(0).created, 5);
  EXPECT_EQ(answer.found[0].at(0).modified, 7);
  for (std::size_t i = 1; i < answer.found.size(); ++i) EXPECT_TRUE(answer.found[i].empty());
  EXPECT_FALSE(read_answer({{"header", Json::object()}}).succeeded);
  EXPECT_THROW(read_answer(Json::object()), Json::exception);
}

TEST(EtcdMessages, APrefixEndsBehindAllThatBeginsWithIt) {
  const Keys keys = all_with("lab/held/");
  EXPECT_LT("lab/held/\xff\xff", keys.end);
  EXPECT_LT(keys.end, "lab/held1");
}

TEST(EtcdKeys, AnIdOfAnyBytesComesBack) {
  const Names names("lab");
  for (const std::string& id : {std::string("b1"), std::string("a/b"), std::string("%41"),
                                std::string("\0\xff", 2), std::string("über"), std::string("..")}) {
    EXPECT_EQ(names.resource_of(names.whole(id)), id);
    EXPECT_EQ(names.resource_of(names.slots(id, "x")), id);
    EXPECT_EQ(names.resource_of(names.used(id)), id);
    EXPECT_LT(names.all_holds(id).first, names.whole(id));
    EXPECT_LT(names.reserved(id), names.all_holds(id).end);
  }
  EXPECT_EQ(names.resource_of("another/held/b1/whole"), std::nullopt);
  EXPECT_EQ(names.ticket_of(names.ticket("7-1")), "7-1");
}

TEST(EtcdKeys, HoldsOfOneAreNotThoseOfAnother) {
  const Names names("lab");
  EXPECT_FALSE(names.whole("b10") >= names.all_holds("b1").first &&
               names.whole("b10") < names.all_holds("b1").end);
  EXPECT_FALSE(names.whole("b1/x") >= names.all_holds("b1").first &&
               names.whole("b1/x") < names.all_holds("b1").end);
}

class EtcdView : public ::testing::Test {
 protected:
  // Joined as the next one, when the owner's clock said so.
  void join(const std::string& id, nanoseconds clock, int priority = 0, nanoseconds rank = 0ns) {
    Entry entry;
    entry.arrival = clock;
    entry.ticket.priority = priority;
    entry.ticket.wants = {{{"b1"}}};
    entry.ticket.owner = Json::object();
    entry.ticket.rank = rank;
    entry.keeps_rank = rank.count() != 0;
    seen_.revision = static_cast<std::int64_t>(seen_.queue.size()) + 2;
    seen_.queue.push_back({names_.ticket(id), entry_text(entry), seen_.revision, seen_.revision});
    std::sort(seen_.queue.begin(), seen_.queue.end(),
              [](const KeyValue& a, const KeyValue& b) { return a.key < b.key; });  // as etcd tells them
  }
  void hold(const std::string& key, const Json& record) { seen_.held.push_back({key, record.dump(), 1, 1}); }
  Snapshot seen_by(const Ticket& mine, nanoseconds clock = 1h) {
    return view(seen_, mine, clock, names_, reader_);
  }
  std::string order() {
    std::string ids;
    for (const Ticket& ticket : seen_by({}).queue) ids += ticket.id;
    return ids;
  }

  Names names_{"lab"};
  TicketReader reader_;
  Seen seen_;
};

TEST_F(EtcdView, TheOrderIsThatOfRevisionsWhateverTheClocksSay) {
  join("c", 1h);
  join("a", 1min);  // a clock that is behind, or set back
  join("b", 2h);    // and one that is ahead
  join("d", 1h);
  EXPECT_EQ(order(), "cabd");
}

TEST_F(EtcdView, APriorityCountsAsHavingComeEarlier) {
  join("a", 1h);
  join("b", 1h + 4min, 5);
  join("c", 1h + 4min + 1s, 3);
  join("d", 1h + 6min + 1s, 6);
  EXPECT_EQ(order(), "badc");  // -1 min, 0, 1 s, 61 s: by what their clocks say
}

TEST_F(EtcdView, AClockThatIsBehindDoesNotMakeAPriorityWorthMore) {
  join("a", 1h);
  join("b", 0h, 1);
  join("c", 1h, 1);
  EXPECT_EQ(order(), "bca");
  EXPECT_EQ(seen_by({}).queue.front().rank, 1h + 1ns - 1min);
}

TEST_F(EtcdView, OneThatComesBackKeepsItsRank) {
  join("a", 1h);
  join("b", 1h + 1s);
  join("c", 1h + 2s, 0, 1h + 500ms);
  EXPECT_EQ(order(), "acb");
}

TEST_F(EtcdView, AWantOfOnesOwnIsPlacedWhereItWouldBe) {
  join("a", 1h);
  join("b", 1h + 1s);
  Ticket mine;
  mine.wants = {{{"b1"}}};
  EXPECT_EQ(seen_by(mine, 0h).place, 3U);  // our clock is behind
  mine.priority = 1;
  EXPECT_EQ(seen_by(mine, 1h + 2s).place, 1U);
  mine.id = "b";
  EXPECT_EQ(seen_by(mine).place, 2U);
  EXPECT_EQ(seen_by(mine).length, 2U);
}

TEST_F(EtcdView, WhoWantsTheSameSharesIt) {
  join("a", 1h);
  join("b", 1h);
  const Snapshot snapshot = seen_by({});
  EXPECT_EQ(snapshot.queue[0].wants.identity(), snapshot.queue[1].wants.identity());
}

TEST_F(EtcdView, WhatIsNoTicketIsLeftOut) {
  join("a", 1h);
  seen_.queue.push_back({names_.ticket("b"), "nonsense", 9, 9});
  seen_.queue.push_back({names_.ticket("c"), "{}\n\n", 10, 10});
  EXPECT_EQ(order(), "a");
}

TEST_F(EtcdView, SlotsAddUpAndAWholeCountsForAll) {
  hold(names_.slots("s", "1"), {{"alloc_id", "1"}, {"slots", 2}});
  hold(names_.slots("s", "2"), {{"alloc_id", "2"}, {"slots", 1}});
  hold(names_.whole("b1"), {{"alloc_id", "3"}});
  hold(names_.reserved("b2"), {{"reserved", true}});
  const Snapshot snapshot = seen_by({});
  ASSERT_EQ(snapshot.held.size(), 3U);
  EXPECT_EQ(snapshot.held[0].resource_id + snapshot.held[1].resource_id + snapshot.held[2].resource_id,
            "b1b2s");
  EXPECT_EQ(snapshot.held[0].slots, 0);
  EXPECT_EQ(snapshot.held[2].slots, 3);
}

}  // namespace
}  // namespace lockable::etcd
