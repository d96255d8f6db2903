// Requests that are cut, mixed and damaged: the server answers or closes, and then still serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/http/running_server.hpp"

namespace photon::http {
namespace {

TEST(Fuzz, DamagedRequestsDoNoHarm) {
  RunningServer server([](const Request& request) { return Answer{.body = request.method}; },
                       {.slow = std::chrono::milliseconds(300)});
  const std::string seeds[] = {
      "GET /v1/version HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST /v1/environments HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
      "POST /v1/x?a=b&c=%20 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "DELETE /v1/a%2fb HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n"};
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = seeds[random() % 4];
    for (unsigned edits = random() % 6; edits > 0; --edits) {
      auto at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.insert(at, 1 + random() % 3, static_cast<char>(random()));
          break;
        default:
          bytes.erase(at, 1 + random() % 4);
      }
      if (bytes.empty()) bytes = "x";
    }
    auto answer = server.exchange(bytes, true);
    ASSERT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 "))
        << "seed 7, round " << round << ": " << answer;
  }
  EXPECT_THAT(server.exchange("GET / HTTP/1.1\r\n\r\n"), testing::EndsWith("GET"));
}

}  // namespace
}  // namespace photon::http
