#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "devenv/api/wire/wire.hpp"

namespace photon::wire {
namespace {

template <class T>
void round_trip(const T& value) {
  auto text = write_json(to_json(value));
  auto parsed = parse_json(text, "the body");
  ASSERT_TRUE(parsed);
  auto back = parse<T>(*parsed);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(write_json(to_json(*back)), text);
}

Environment environment() {
  Environment it{.id = "0123", .name = "web", .state = "running", .host = "local"};
  it.dirty = ~0ULL;
  it.created = -5;
  it.config_changed = true;
  it.ports = {{.port = 3000,
               .local = 3001,
               .label = "app",
               .process = "node",
               .forwarded = true,
               .protocol = "http"}};
  it.warnings = {"a \"quoted\"\nwarning", "ümlaut"};
  return it;
}

TEST(Wire, EveryBodySurvivesTheWayThereAndBack) {
  round_trip(Version{.version = "0.1.0"});
  round_trip(DaemonStatus{.version = "1", .pid = 7, .system = true, .rss = 1ULL << 40});
  round_trip(Check{"warn", "text", "hint", "disk"});
  round_trip(environment());
  Up up{.source = "git@x:y.git", .name = "y", .config = "c", .allow_unknown = true, .recreate = true};
  up.caller = {"/home/a", "/home/a/y", "/tmp/agent", {{"A", "b"}, {"E", ""}}, {"ssh-ed25519 AAAA"}};
  round_trip(up);
  MakePrebuild make{.source = "https://x/y", .config = "c", .trust = true, .anew = true};
  make.caller.home = "/home/a";
  round_trip(make);
  round_trip(Prebuild{"1", "https://x/y", "x/y", "main", "abc", "c", 1ULL << 40, 5, 6, true, {"w"}});
  round_trip(Publish{3000, 4000});
  round_trip(Import{"/a", "b"});
  round_trip(Image{"a", "sha256:0", 5, 6});
  round_trip(Login{"registry.example.org", "u", Secret("p")});
  round_trip(Change{"web", "state", "running", "d", 12});
  round_trip(Operation{"1", "up", "web", "failed", 3, Error{Kind::no_space, "c", "m"}, environment()});
  round_trip(Progress{"clone", "acme/web", "3 files", 1, 2, true});
}

TEST(Wire, ErrorOfAnOperationKeepsKindAndHint) {
  Operation operation{.id = "1", .state = "failed"};
  operation.error = Error{Kind::denied, "git.denied", "no", Place{"f", 1, 2}, "log in", {"while cloning"}};
  auto back = parse<Operation>(to_json(operation));
  ASSERT_TRUE(back && back->error);
  EXPECT_EQ(*back->error, *operation.error);
}

TEST(Wire, UnknownMembersAreIgnoredAndMissingOnesKeepTheirDefault) {
  auto version = parse<Version>(json::value{{"version", "2"}, {"colour", "red"}});
  ASSERT_TRUE(version);
  EXPECT_EQ(version->version, "2");
  EXPECT_EQ(version->api, "v1");
}

TEST(Wire, AWrongTypeIsNamed) {
  auto name = parse<Up>(json::value{{"source", 5}});
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().kind, Kind::usage);
  EXPECT_NE(name.error().message.find("source"), std::string::npos);
  EXPECT_FALSE(parse<Up>(json::value{{"caller", {{"environment", {{"A", 5}}}}}}));
  EXPECT_FALSE(parse<Publish>(json::value{{"port", -1}}));
  EXPECT_FALSE(parse<Publish>(json::value{{"port", 1.5}}));
  EXPECT_FALSE(parse<Publish>(json::value("text")));
  EXPECT_FALSE(parse_list<Port>(json::value{{"a", 1}}));
}

TEST(Wire, StatusOfEachKind) {
  EXPECT_EQ(http_status(Kind::usage), 400);
  EXPECT_EQ(http_status(Kind::needs_confirmation), 409);
  EXPECT_EQ(http_status(Kind::cancelled), 499);
  EXPECT_EQ(http_status(Kind::no_space), 507);
}

}  // namespace
}  // namespace photon::wire
