#include "net/url.h"

#include <gtest/gtest.h>

namespace lockable::net {
namespace {

TEST(UrlTest, ShowsNoSecrets) {
  EXPECT_EQ(shown("https://lab.example/boards.json"), "https://lab.example/boards.json");
  EXPECT_EQ(shown("https://ann:hunter2@lab.example:8443/boards.json"),
            "https://***@lab.example:8443/boards.json");
  EXPECT_EQ(shown("http://lab.example/boards?key=hunter2"), "http://lab.example/boards?***");
  EXPECT_EQ(shown("http://lab.example#hunter2"), "http://lab.example?***");
  EXPECT_EQ(shown("http://[::1]:80/x"), "http://[::1]:80/x");
  EXPECT_EQ(shown("http://ann@lab.example/boards@night"), "http://***@***");
}

TEST(UrlTest, HidesTooMuchRatherThanTooLittle) {
  for (const char* url :
       {"http://ann:hunter2/x@lab.example/", "http://ann:hunter2?x@lab.example/",
        "http://ann:hunter2#@lab.example/", "http://ann:p@hunter2/x@lab.example/", "http://ann:hunter2",
        "http://:hunter2@/", "hunter2", "http://ann:p@ss@lab.example:hunter2/"})
    EXPECT_EQ(shown(url).find("hunter2"), std::string::npos) << shown(url);
}

TEST(UrlTest, KnowsItsOwn) {
  EXPECT_TRUE(is_http_url("http://x"));
  EXPECT_TRUE(is_http_url("HTTPS://x"));
  EXPECT_FALSE(is_http_url("httpd/resources.json"));
  EXPECT_FALSE(is_https_url("http://x"));
}

TEST(UrlTest, OneServerIsSchemeHostAndPort) {
  EXPECT_EQ(origin("https://ann:pw@Lab.Example/x"), origin("HTTPS://lab.example:443/y?z"));
  EXPECT_EQ(origin("http://[::1]/"), "http://[::1]:80");
  EXPECT_NE(origin("http://lab.example/"), origin("https://lab.example/"));
  EXPECT_NE(origin("http://lab.example/"), origin("http://lab.example:8080/"));
  EXPECT_NE(origin("http://lab.example@evil.example/"), origin("http://lab.example/"));
  EXPECT_NE(origin("http://evil.example/@lab.example/"), origin("http://lab.example/"));
}

TEST(UrlTest, TheUserIsTakenAlongOrLeftBehind) {
  EXPECT_EQ(without_user("http://ann:pw@lab.example/x"), "http://lab.example/x");
  EXPECT_EQ(without_user("http://lab.example/x@y"), "http://lab.example/x@y");
  EXPECT_EQ(with_user_of("http://ann:pw@lab.example/x", "http://lab.example/y"),
            "http://ann:pw@lab.example/y");
  EXPECT_EQ(with_user_of("http://ann:pw@lab.example/x", "http://bob@lab.example/y"),
            "http://ann:pw@lab.example/y");
  EXPECT_EQ(with_user_of("http://lab.example/x", "http://bob@lab.example/y"), "http://lab.example/y");
}

}  // namespace
}  // namespace lockable::net
