#include "packages/rpm/download.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

#include "devenv/core/digest.hpp"
#include "tests/integration/rpm/fixtures.hpp"

namespace photon::rpm::testing {
namespace {

using ::testing::ElementsAre;

struct Served {
  fixtures::TempFolder from, to;
  std::string content = std::string(300000, 'a') + "end";
  std::string digest = sha256_digest(content);
  Served() { EXPECT_TRUE(write_file(from.path + "/file", content, 0644)); }
  [[nodiscard]] Download wanted(const std::string& url) const {
    return {.url = url + "/file", .to = to.path + "/file", .digest = digest, .size = content.size()};
  }
};

TEST(Download, ParallelAndChecked) {
  Served served;
  Server server(served.from.path);
  std::vector<Download> wanted;
  for (int i = 0; i < 20; ++i) {
    auto content = std::string(1000, char('a' + i));
    ASSERT_TRUE(write_file(fmt::format("{}/{}", served.from.path, i), content, 0644));
    wanted.push_back({.url = fmt::format("{}/{}", server.url, i),
                      .to = fmt::format("{}/sub/{}", served.to.path, i),
                      .digest = sha256_digest(content),
                      .size = 1000});
  }
  std::uint64_t done = 0, total = 0;
  ASSERT_TRUE(download(wanted, {}, {.progress = [&](const Progress& progress) {
                         done = progress.done, total = progress.total;
                       }}));
  EXPECT_EQ(done, 20000U);
  EXPECT_EQ(total, 20000U);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(read_file(fmt::format("{}/sub/{}", served.to.path, i))->size(), 1000U);
  ASSERT_TRUE(download(wanted, {}, {}));
  EXPECT_EQ(server.requests().size(), 20U) << "what is there is not fetched again";
}

TEST(Download, GoesOnWhereItWasCut) {
  Served served;
  Server server(served.from.path, 100000);
  auto downloaded = download({served.wanted(server.url)}, {}, {});
  ASSERT_TRUE(downloaded) << sentence(downloaded.error());
  EXPECT_EQ(read_file(served.to.path + "/file").value(), served.content);
  EXPECT_THAT(server.requests(), ElementsAre("/file ", "/file bytes=100000-"));
}

TEST(Download, APartOfSomethingElseIsThrownAway) {
  Served served;
  Server server(served.from.path);
  ASSERT_TRUE(write_file(served.to.path + "/file.part", std::string(500, 'z')));
  ASSERT_TRUE(download({served.wanted(server.url)}, {}, {}));
  EXPECT_EQ(read_file(served.to.path + "/file").value(), served.content);
}

TEST(Download, WithAnotherDigestOrLengthIsRefusedAndLeavesNothing) {
  Served served;
  Server server(served.from.path);
  auto wanted = served.wanted(server.url);
  wanted.digest = sha256_digest("other");
  EXPECT_EQ(download({wanted}, {}, {}).error().code, "rpm.digest");
  wanted = served.wanted(server.url);
  wanted.size = 1000;
  EXPECT_EQ(download({wanted}, {}, {}).error().code, "rpm.size");
  wanted = served.wanted(server.url);
  wanted.digest = "md5:900150983cd24fb0d6963f7d28e17f72";
  EXPECT_EQ(download({wanted}, {}, {}).error().code, "rpm.digest");
  wanted.url = server.url + "/missing";
  EXPECT_EQ(download({wanted}, {}, {}).error().code, "rpm.missing");
  EXPECT_FALSE(std::filesystem::exists(served.to.path + "/file"));
}

TEST(Download, IsCancelled) {
  Served served;
  Server server(served.from.path);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(download({served.wanted(server.url)}, {}, {.stop = stop.get_token()}).error().kind,
            Kind::cancelled);
}

TEST(Download, FromAServerThatIsNotThereSaysSo) {
  Served served;
  auto error = download({served.wanted("http://127.0.0.1:1")}, {}, {}).error();
  EXPECT_EQ(error.kind, Kind::unavailable);
  EXPECT_FALSE(error.hint.empty());
}

}  // namespace
}  // namespace photon::rpm::testing
