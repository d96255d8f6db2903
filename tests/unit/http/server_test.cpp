#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/unit/http/running_server.hpp"

namespace photon::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

Answer echo(const Request& request) {
  std::string path;
  for (const auto& segment : request.path) path += "[" + segment + "]";
  return {.body = request.method + path + request.body};
}

std::string post(std::string_view body) {
  return fmt::format("POST /a/b%20c HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

TEST(Server, AnswersAndCloses) {
  RunningServer server(echo);
  auto answer = server.exchange(post("hello"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nPOST[a][b c]hello"));
}

TEST(Server, ReadsChunkedRequests) {
  RunningServer server(echo);
  auto answer = server.exchange(
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(answer, EndsWith("POST[a]abcde"));
}

TEST(Server, SendsBodiesLargerThanASocketHolds) {
  RunningServer server([](const Request&) { return Answer{.body = std::string(900'000, 'x')}; });
  EXPECT_GT(server.exchange("GET / HTTP/1.1\r\n\r\n").size(), 900'000U);
}

TEST(Server, RefusesWhatIsTooLarge) {
  RunningServer server(echo, {.header = 1024, .body = 1024});
  EXPECT_THAT(server.exchange(post(std::string(300'000, 'x'))), StartsWith("HTTP/1.1 413 "));
  auto header = "GET / HTTP/1.1\r\nA: " + std::string(5000, 'x') + "\r\n\r\n";
  EXPECT_THAT(server.exchange(header), StartsWith("HTTP/1.1 431 "));
}

TEST(Server, RefusesWhatIsNotHttp) {
  RunningServer server(echo);
  auto answer = server.exchange("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr(R"("error":{"kind":"usage")"));
  EXPECT_THAT(server.exchange("GET /%zz HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST(Server, RefusesOtherUsers) {
  RunningServer server(echo, {}, false);
  EXPECT_THAT(server.exchange("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 403 "));
}

TEST(Server, ASlowClientHoldsUpNobody) {
  RunningServer server(echo, {.slow = std::chrono::milliseconds(200)});
  auto slow = connect_unix(server.path(), SOCK_STREAM);
  ASSERT_TRUE(slow);
  ASSERT_TRUE(write_all(slow->get(), "GET / HT"));
  EXPECT_THAT(server.exchange("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(RunningServer::rest(slow->get()), "");  // closed
}

TEST(Server, ABlockingHandlerHoldsUpNobody) {
  std::stop_source go;
  RunningServer server([&](const Request& request) {
    while (request.path == std::vector<std::string>{"slow"} && !go.stop_requested())
      std::this_thread::yield();
    return Answer{.body = "done"};
  });
  auto slow = connect_unix(server.path(), SOCK_STREAM);
  ASSERT_TRUE(slow);
  ASSERT_TRUE(write_all(slow->get(), "GET /slow HTTP/1.1\r\n\r\n"));
  EXPECT_THAT(server.exchange("GET /fast HTTP/1.1\r\n\r\n"), EndsWith("done"));
  go.request_stop();
  EXPECT_THAT(RunningServer::rest(slow->get()), EndsWith("done"));
}

TEST(Server, StreamsAFeedInChunksUntilItIsClosed) {
  auto feed = std::make_shared<Feed>();
  RunningServer server([&](const Request&) { return Answer{.type = "text/plain", .feed = feed}; });
  std::jthread producer([&] {
    for (int i = 0; i < 100; ++i) feed->push_slowly(fmt::format("{} ", i));
    feed->close();
  });
  auto answer = server.exchange("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(answer, HasSubstr("0 "));
  EXPECT_THAT(answer, EndsWith("99 \r\n0\r\n\r\n"));
}

TEST(Server, KeepsAQuietStreamAlive) {
  auto feed = std::make_shared<Feed>(": \n\n");
  RunningServer server([&](const Request&) { return Answer{.feed = feed}; },
                       {.keep_alive = std::chrono::milliseconds(20)});
  std::jthread closer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    feed->close();
  });
  EXPECT_THAT(server.exchange("GET / HTTP/1.1\r\n\r\n"), HasSubstr("4\r\n: \n\n\r\n4\r\n: \n\n\r\n"));
}

TEST(Server, TellsTheProducerWhenTheClientHasGone) {
  auto feed = std::make_shared<Feed>();
  RunningServer server([&](const Request&) { return Answer{.feed = feed}; });
  {
    auto client = connect_unix(server.path(), SOCK_STREAM);
    ASSERT_TRUE(client);
    ASSERT_TRUE(write_all(client->get(), "GET / HTTP/1.1\r\n\r\n"));
    char byte = 0;
    ASSERT_EQ(::recv(client->get(), &byte, 1, 0), 1);
    EXPECT_FALSE(feed->gone().stop_requested());
  }
  for (int i = 0; i < 1000 && !feed->gone().stop_requested(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(feed->gone().stop_requested());
  EXPECT_FALSE(feed->push("x"));
}

TEST(Server, StoppingEndsStreams) {
  auto feed = std::make_shared<Feed>();
  RunningServer server([&](const Request&) { return Answer{.feed = feed}; });
  auto client = connect_unix(server.path(), SOCK_STREAM);
  ASSERT_TRUE(client);
  ASSERT_TRUE(write_all(client->get(), "GET / HTTP/1.1\r\n\r\n"));
  char byte = 0;
  ASSERT_EQ(::recv(client->get(), &byte, 1, 0), 1);
  server.stop();
  EXPECT_THAT(RunningServer::rest(client->get()), HasSubstr("Connection: close"));
  EXPECT_TRUE(feed->gone().stop_requested());
}

}  // namespace
}  // namespace photon::http
