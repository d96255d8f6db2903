// `devenv prebuild` and its verbs: what is asked of the daemon, and what is shown of its answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "devenv/api/wire/wire.hpp"
#include "devenv/core/process.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/unit/cli/fake_daemon.hpp"

namespace photon::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

wire::Prebuild web(const std::string& id) {
  wire::Prebuild out;
  out.id = id;
  out.source = "https://git.example.org/acme/web";
  out.repository = "acme/web";
  out.branch = "main";
  out.commit = "1a2b3c4d5e6f70819293a4b5c6d7e8f901234567";
  out.size = 240'000'000;
  out.created = std::time(nullptr) - 7300;
  return out;
}

class PrebuildWords : public testing::Test {
 protected:
  PrebuildWords() {
    (void)make_directories(folder_.path + "/run");
    (void)make_directories(folder_.path + "/home");
    daemon_.emplace(folder_.path + "/run/api.sock");
    auto api = web("bbbb");
    api.repository = "acme/api";
    api.source = "https://git.example.org/acme/api";
    api.branch.clear();
    api.config = "backend";
    api.used = api.created;
    daemon_->answers("GET /v1/prebuilds",
                     json::array{to_json(web("aaaa")), to_json(api), to_json(web("cccc"))});
    for (const char* id : {"aaaa", "bbbb", "cccc"})
      daemon_->answers(std::string("DELETE /v1/prebuilds/") + id, json::value(), 204);
  }
  Output devenv(std::vector<std::string> words) {
    words.insert(words.begin(), PHOTON_BUILD_DIR "/bin/devenv");
    std::map<std::string, std::string> variables{
        {"PATH", "/usr/bin:/bin"}, {"DEVENV_HOME", folder_.path}, {"HOME", folder_.path + "/home"}};
    return run({.argv = std::move(words), .environment = variables}).value();
  }
  void made(bool now) {
    wire::Operation operation{.id = "op1", .kind = "prebuild", .state = "running"};
    daemon_->answers("POST /v1/prebuilds", to_json(operation), 202);
    daemon_->streams("GET /v1/operations/op1/events", [=](const Stream& stream) {
      auto ended = operation;
      ended.state = "done";
      ended.prebuild = web("aaaa");
      ended.prebuild->made = now;
      stream.event("end", wire::to_json(ended));
    });
  }

  fixtures::TempFolder folder_;
  std::optional<FakeDaemon> daemon_;
};

TEST_F(PrebuildWords, SayWhatIsPrebuiltAndHowToGoOn) {
  made(true);
  auto said = devenv({"prebuild", "https://git.example.org/acme/web"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(
      said.err,
      HasSubstr("\n  acme/web at 1a2b3c4d5e is prebuilt\n    devenv up https://git.example.org/acme/web\n"));
  EXPECT_EQ(said.out, "");
  made(false);
  EXPECT_THAT(devenv({"prebuild", "https://git.example.org/acme/web"}).err,
              HasSubstr("is prebuilt already\n"));
}

TEST_F(PrebuildWords, ListIsATableOrIdsOrADocument) {
  auto table = devenv({"prebuild", "ls"}).out;
  EXPECT_THAT(table, AllOf(HasSubstr("ID"), HasSubstr("REPOSITORY"), HasSubstr("USED")));
  EXPECT_THAT(table, testing::ContainsRegex("aaaa +acme/web +main +1a2b3c4d5e +– +240 MB +2 h +–"));
  EXPECT_THAT(table, testing::ContainsRegex("bbbb +acme/api +– +1a2b3c4d5e +backend +240 MB +2 h +2 h"));
  EXPECT_EQ(devenv({"prebuild", "ls", "--quiet"}).out, "aaaa\nbbbb\ncccc\n");
  auto document = parse_json(devenv({"prebuild", "ls", "--json"}).out, "stdout");
  ASSERT_TRUE(document && document->is_array());
  EXPECT_EQ(document->get_array().size(), 3U);
  daemon_->answers("GET /v1/prebuilds", json::array());
  auto none = devenv({"prebuild", "ls"});
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(none.err, "no prebuilds yet\n  devenv prebuild URL makes one\n");
}

TEST_F(PrebuildWords, OneIsDeletedByItsIdAndAllByTheirRepository) {
  EXPECT_EQ(devenv({"prebuild", "rm", "bbbb"}).err, "bbbb is deleted\n");
  EXPECT_THAT(daemon_->calls(),
              AllOf(Contains("DELETE /v1/prebuilds/bbbb"), Not(Contains("DELETE /v1/prebuilds/aaaa"))));
  EXPECT_EQ(devenv({"prebuild", "rm", "acme/web", "aaaa"}).err, "aaaa is deleted\ncccc is deleted\n");
  auto answer = devenv({"prebuild", "rm", "--json", "https://git.example.org/acme/api"});
  EXPECT_EQ(write_json(parse_json(answer.out, "stdout").value_or(nullptr)), R"({"removed":["bbbb"]})");
}

TEST_F(PrebuildWords, OfAnUnknownOneNothingIsDeleted) {
  auto wrong = devenv({"prebuild", "rm", "aaaa", "acme/wbe"});
  EXPECT_EQ(wrong.status, 3);
  EXPECT_EQ(wrong.err, "devenv: there is no prebuild \"acme/wbe\"\n  did you mean acme/web?\n");
  EXPECT_THAT(daemon_->calls(), Not(Contains("DELETE /v1/prebuilds/aaaa")));
  EXPECT_EQ(devenv({"prebuild", "rm"}).status, 2);
}

}  // namespace
}  // namespace photon::test
