// What docker-registry does not do here: tokens, redirects to another host, servers without ranges, wrong
// digests.
#include <gtest/gtest.h>

#include "devenv/core/digest.hpp"
#include "devenv/image/registry.hpp"
#include "tests/integration/image/tiny_server.hpp"

namespace photon::image {
namespace {

using fixtures::HttpAnswer;
using fixtures::HttpRequest;
using fixtures::TinyServer;

Registry registry_at(const TinyServer& server, Login login) {
  return Registry({server.host(), "http://" + server.host()}, "team/web", "",
                  [login](const std::string&) -> Result<Login> { return login; });
}
const auto append = [](std::string& to) {
  return [&to](std::uint64_t at, std::string_view bytes) -> Result<void> {
    to.resize(at);
    to += bytes;
    return {};
  };
};

TEST(Protocol, ATokenIsFetchedWithScopeAndLoginAndUsedAgain) {
  std::string host;
  TinyServer server([&](const HttpRequest& request) -> HttpAnswer {
    if (request.target.starts_with("/token")) return {200, {}, R"({"token":"T1"})"};
    auto sent = request.headers.find("authorization");
    if (sent == request.headers.end() || sent->second != "Bearer T1")
      return {401,
              {"WWW-Authenticate: Bearer realm=\"http://" + host +
               "/token\",service=\"s\",scope=\"repository:team/web:pull\""},
              "{}"};
    return {200, {"Content-Type: application/json"}, "{}"};
  });
  host = server.host();
  auto registry = registry_at(server, {"ada", Secret("pw")});
  ASSERT_TRUE(registry.manifest("1", {}));
  ASSERT_TRUE(registry.manifest("2", {}));
  auto seen = server.requests();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[1].target, "/token?service=s&scope=repository%3Ateam%2Fweb%3Apull");
  EXPECT_EQ(seen[1].headers.at("authorization"), "Basic " + base64_encode("ada:pw"));
  EXPECT_NE(seen[0].headers.at("accept").find("application/vnd."), std::string::npos);
  EXPECT_EQ(seen[3].headers.at("authorization"), "Bearer T1");
}

TEST(Protocol, ALoginNeverFollowsARedirectToAnotherHost) {
  TinyServer other([](const HttpRequest&) -> HttpAnswer { return {200, {}, "bytes"}; });
  TinyServer server([&](const HttpRequest& request) -> HttpAnswer {
    if (!request.headers.contains("authorization")) return {401, {"WWW-Authenticate: Basic realm=\"x\""}, ""};
    return {307, {"Location: http://" + other.host() + "/elsewhere"}, ""};
  });
  auto registry = registry_at(server, {"ada", Secret("pw")});
  std::string got;
  ASSERT_TRUE(registry.blob(sha256_digest("bytes"), 0, append(got), {}));
  EXPECT_EQ(got, "bytes");
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_FALSE(other.requests()[0].headers.contains("authorization"));
}

TEST(Protocol, AServerWithoutRangesStartsAgainFromTheBeginning) {
  TinyServer server([](const HttpRequest& request) -> HttpAnswer {
    if (request.headers.contains("range") && request.target.ends_with("b")) return {416, {}, ""};
    return {200, {}, "whole blob"};
  });
  auto registry = registry_at(server, {});
  for (const char* name : {"a", "b"}) {
    std::string got = "whole";
    ASSERT_TRUE(registry.blob(name, 5, append(got), {}));
    EXPECT_EQ(got, "whole blob");
  }
}

TEST(Protocol, AManifestThatIsNotTheOneAskedForIsCorrupt) {
  TinyServer server([](const HttpRequest&) -> HttpAnswer { return {200, {}, "{}"}; });
  EXPECT_EQ(registry_at(server, {}).manifest(sha256_digest("x"), {}).error().kind, Kind::corrupt);
  EXPECT_TRUE(registry_at(server, {}).manifest(sha256_digest("{}"), {}));
}

TEST(Protocol, AnswersBeyondTheLimitAreRefused) {
  TinyServer server([](const HttpRequest&) -> HttpAnswer { return {200, {}, std::string(9 << 20, ' ')}; });
  EXPECT_EQ(registry_at(server, {}).manifest("1", {}).error().code, "http.too-large");
}

TEST(Protocol, EachStatusHasItsKind) {
  int status = 0;
  TinyServer server([&](const HttpRequest&) -> HttpAnswer {
    return {status, {}, R"({"errors":[{"message":"why\u001b"}]})"};
  });
  auto registry = registry_at(server, {});
  for (auto [code, kind] : std::vector<std::pair<int, Kind>>{{401, Kind::denied},
                                                             {403, Kind::denied},
                                                             {404, Kind::not_found},
                                                             {429, Kind::unavailable},
                                                             {503, Kind::unavailable}}) {
    status = code;
    auto answer = registry.manifest("1", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, kind) << code;
    EXPECT_EQ(answer.error().message.find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace photon::image
