#include "devenv/api/http/feed.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace photon::http {
namespace {

TEST(Feed, DropsAClientThatDoesNotRead) {
  Feed feed;
  std::string piece(Feed::most_pending / 2, 'x');
  EXPECT_TRUE(feed.push(piece));
  EXPECT_TRUE(feed.push(piece));
  EXPECT_FALSE(feed.push("one too many"));
  auto taken = feed.take();
  EXPECT_EQ(taken.bytes.size(), Feed::most_pending);
  EXPECT_TRUE(taken.closed);
}

TEST(Feed, ASlowPushWaitsForRoom) {
  Feed feed;
  ASSERT_TRUE(feed.push(std::string(Feed::most_pending / 2, 'x')));
  std::atomic<bool> pushed = false;
  std::jthread producer([&] { pushed = feed.push_slowly("more"); });
  EXPECT_FALSE(pushed);
  feed.take();
  producer.join();
  EXPECT_TRUE(pushed);
  EXPECT_EQ(feed.take().bytes, "more");
}

TEST(Feed, ASlowPushEndsWhenTheClientLeaves) {
  Feed feed;
  ASSERT_TRUE(feed.push(std::string(Feed::most_pending / 2, 'x')));
  std::atomic<bool> pushed = true;
  std::jthread producer([&] { pushed = feed.push_slowly("more"); });
  feed.leave();
  producer.join();
  EXPECT_FALSE(pushed);
}

TEST(Feed, EventsCarryEveryLine) {
  EXPECT_EQ(event("warning", "a\nb"), "event: warning\ndata: a\ndata: b\n\n");
}

}  // namespace
}  // namespace photon::http
