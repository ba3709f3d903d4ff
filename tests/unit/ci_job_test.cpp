// The job's URL, as continuous integration systems tell it.
#include "allocation/ci_job.h"

#include <gtest/gtest.h>

#include <map>

namespace lockable {
namespace {

std::string url(const std::map<std::string, std::string>& environment) {
  return ci_job_url([&environment](const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
  });
}

TEST(CiJob, IsFoundWhereTheSystemsTellIt) {
  EXPECT_EQ(url({}), "");
  EXPECT_EQ(url({{"GITHUB_SERVER_URL", "https://github.com"},
                 {"GITHUB_REPOSITORY", "lab/boards"},
                 {"GITHUB_RUN_ID", "17"}}),
            "https://github.com/lab/boards/actions/runs/17");
  EXPECT_EQ(url({{"CI_JOB_URL", "https://gitlab.example/lab/boards/-/jobs/4"}}),
            "https://gitlab.example/lab/boards/-/jobs/4");
  EXPECT_EQ(url({{"SYSTEM_COLLECTIONURI", "https://dev.azure.com/lab/"},
                 {"SYSTEM_TEAMPROJECT", "Our Boards"},
                 {"BUILD_BUILDID", "9"}}),
            "https://dev.azure.com/lab/Our%20Boards/_build/results?buildId=9");
  EXPECT_EQ(
      url({{"BUILDKITE_BUILD_URL", "https://buildkite.com/l/b/builds/5"}, {"BUILDKITE_JOB_ID", "ab-1"}}),
      "https://buildkite.com/l/b/builds/5#ab-1");
  for (const char* name : {"CIRCLE_BUILD_URL", "BUILDKITE_BUILD_URL", "TRAVIS_BUILD_WEB_URL",
                           "DRONE_BUILD_LINK", "BUILD_URL", "CODEBUILD_BUILD_URL", "BITRISE_BUILD_URL"})
    EXPECT_EQ(url({{name, "http://ci.example/job/1"}}), "http://ci.example/job/1") << name;
}

TEST(CiJob, IsNotGuessedFromAPart) {
  EXPECT_EQ(url({{"GITHUB_SERVER_URL", "https://github.com"}, {"GITHUB_RUN_ID", "17"}}), "");
  EXPECT_EQ(url({{"BUILD_BUILDID", "9"}}), "");
  EXPECT_EQ(url({{"BUILD_URL", "nightly"}}), "");
  EXPECT_EQ(url({{"BUILD_URL", "https://ci.example/\x1b[2J"}}), "");
  EXPECT_EQ(url({{"BUILD_URL", "https://ci.example/" + std::string(2000, 'x')}}), "");
}

TEST(CiJob, KeepsNoSecret) {
  EXPECT_EQ(url({{"BUILD_URL", "https://bot:s3cret@ci.example:8443/job/1"}}),
            "https://ci.example:8443/job/1");
  EXPECT_EQ(url({{"BUILD_URL", "https://bot:p@ss@ci.example?x=1"}}), "https://ci.example?x=1");
  EXPECT_EQ(url({{"BUILD_URL", "https://ci.example/@team/job"}}), "https://ci.example/@team/job");
  EXPECT_EQ(url({{"BUILD_URL", "https://ci.example/job?private_token=s&id=3&ApiKey=k#L5"}}),
            "https://ci.example/job?id=3#L5");
  EXPECT_EQ(url({{"BUILD_URL", "https://ci.example/job?PASSWORD=s#L5"}}), "https://ci.example/job#L5");
  EXPECT_EQ(url({{"GITHUB_SERVER_URL", "https://bot:s3cret@github.com"},
                 {"GITHUB_REPOSITORY", "lab/boards"},
                 {"GITHUB_RUN_ID", "17"}}),
            "https://github.com/lab/boards/actions/runs/17");
}

}  // namespace
}  // namespace lockable
