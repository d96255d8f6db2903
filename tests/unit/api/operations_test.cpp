#include <gtest/gtest.h>

#include "devenv/api/routes/registry.hpp"

namespace photon::routes {
namespace {

Result<Operations::Outcome> nothing(const Work&) { return Operations::Outcome(); }

TEST(Operations, AreForgottenAfterTheirTime) {
  http::Pool pool(1);
  Operations operations(pool, std::chrono::seconds(0));
  auto begun = operations.begin("import", "", nothing);
  ASSERT_TRUE(begun);
  for (int i = 0; i < 1000 && operations.find(begun->id); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  auto gone = operations.find(begun->id);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, Kind::not_found);
}

TEST(Operations, ThoseInLineAreCancelledBeforeTheyBegin) {
  http::Pool pool(1);
  Operations operations(pool);
  std::atomic<bool> ran = false;
  auto first = operations.begin("up", "a", [](const Work& work) -> Result<Operations::Outcome> {
    while (!work.stopped()) std::this_thread::yield();
    return cancelled();
  });
  auto second = operations.begin("up", "b", [&](const Work&) -> Result<Operations::Outcome> {
    ran = true;
    return Operations::Outcome();
  });
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(operations.cancel(second->id));
  ASSERT_TRUE(operations.cancel(first->id));
  while (operations.running() > 0) std::this_thread::yield();
  EXPECT_EQ(operations.find(second->id)->state, "cancelled");
  EXPECT_FALSE(ran);
}

TEST(Operations, AStoppedPoolTakesNone) {
  http::Pool pool(1);
  pool.stop();
  Operations operations(pool);
  EXPECT_EQ(operations.begin("up", "a", nothing).error().kind, Kind::unavailable);
}

}  // namespace
}  // namespace photon::routes
