#include "devenv/api/http/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace photon::http {
namespace {

TEST(Pool, RunsUpToItsBoundAtOnce) {
  Pool pool(3);
  std::latch all(3);
  std::atomic<int> most = 0;
  std::atomic<int> now = 0;
  std::latch done(9);
  for (int i = 0; i < 9; ++i)
    pool.run([&, i](const std::stop_token&) {
      int running = ++now;
      int seen = most;
      while (seen < running && !most.compare_exchange_weak(seen, running)) {
      }
      if (i < 3) all.arrive_and_wait();  // hangs unless three run at once
      --now;
      done.count_down();
    });
  done.wait();
  EXPECT_EQ(most, 3);
}

TEST(Pool, RestsOnceWhenTheLastJobHasEnded) {
  std::atomic<int> rests = 0;
  std::latch both(2);
  Pool pool(2, [&] { ++rests; });
  for (int i = 0; i < 2; ++i) pool.run([&](const std::stop_token&) { both.arrive_and_wait(); });
  for (int i = 0; i < 1000 && rests == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  pool.stop();
  EXPECT_EQ(rests, 1);
}

TEST(Pool, StopAsksTheRunningAndDropsTheRest) {
  Pool pool(1);
  std::latch begun(1);
  std::atomic<int> ran = 0;
  pool.run([&](const std::stop_token& stop) {
    begun.count_down();
    while (!stop.stop_requested()) std::this_thread::yield();
    ++ran;
  });
  pool.run([&](const std::stop_token&) { ++ran; });
  begun.wait();
  pool.stop();
  EXPECT_EQ(ran, 1);
  EXPECT_FALSE(pool.run([](const std::stop_token&) {}));
}

}  // namespace
}  // namespace photon::http
