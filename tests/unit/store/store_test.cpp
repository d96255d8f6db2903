// Rows and steps of the journal.
#include "devenv/store/store.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/unit/store/folder.hpp"

namespace photon::store {
namespace {

EnvironmentRow row(std::string id, std::string name) {
  return {std::move(id),
          std::move(name),
          State::creating,
          1000,
          "https://git.example.org/acme/web",
          json::value{{"image", "debian:12"}, {"ports", {3000}}},
          11,
          12};
}

class StoreTest : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    store.reset();
    auto opened = Store::open(folder.file());
    ASSERT_TRUE(opened) << sentence(opened.error());
    store = std::move(*opened);
  }
  Folder folder;
  std::unique_ptr<Store> store;
};

TEST_F(StoreTest, KeepsEveryColumnAcrossAReopening) {
  ASSERT_TRUE(store->add(row("a1", "web")));
  open();
  auto found = store->by_name("web");
  ASSERT_TRUE(found && *found);
  const auto& kept = **found;
  EXPECT_EQ(kept.id, "a1");
  EXPECT_EQ(kept.state, State::creating);
  EXPECT_EQ(kept.owner, 1000u);
  EXPECT_EQ(kept.source, "https://git.example.org/acme/web");
  EXPECT_EQ(kept.details, row("", "").details);
  EXPECT_EQ(kept.created, 11);
  EXPECT_EQ(kept.changed, 12);
  EXPECT_EQ((*store->by_id("a1"))->name, "web");
}

TEST_F(StoreTest, AnUnknownNameIsNoError) {
  auto found = store->by_name("web");
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
  EXPECT_FALSE(*store->by_id("a1"));
}

TEST_F(StoreTest, ATakenNameIsAConflict) {
  ASSERT_TRUE(store->add(row("a1", "web")));
  auto second = store->add(row("b2", "web"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Kind::conflict);
  EXPECT_EQ(second.error().code, "environment.exists");
  EXPECT_EQ(second.error().message, "there is an environment web already");
  ASSERT_TRUE(store->add(row("b2", "api")));
  auto renamed = store->put(row("b2", "web"));
  ASSERT_FALSE(renamed);
  EXPECT_EQ(renamed.error().kind, Kind::conflict);
}

TEST_F(StoreTest, TheSameIdTwiceIsRefused) {
  ASSERT_TRUE(store->add(row("a1", "web")));
  EXPECT_FALSE(store->add(row("a1", "api")));
  EXPECT_EQ(store->environments()->size(), 1u);
}

TEST_F(StoreTest, PutChangesARowButNeverBringsOneBack) {
  ASSERT_TRUE(store->add(row("a1", "web")));
  auto changed = row("a1", "web");
  changed.state = State::running;
  changed.details = nullptr;
  ASSERT_TRUE(store->put(changed));
  EXPECT_EQ((*store->by_id("a1"))->state, State::running);
  EXPECT_TRUE((*store->by_id("a1"))->details.is_null());
  ASSERT_TRUE(store->erase("a1"));
  auto late = store->put(changed);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, Kind::not_found);
  EXPECT_TRUE(store->environments()->empty());
}

TEST_F(StoreTest, EnvironmentsComeByName) {
  ASSERT_TRUE(store->add(row("1", "web")));
  ASSERT_TRUE(store->add(row("2", "api")));
  auto all = store->environments();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].name, "api");
  EXPECT_EQ((*all)[1].name, "web");
}

TEST_F(StoreTest, AStepReplacesTheOneBefore) {
  auto number = store->begin("a1", "up", "clone", {{"mirror", "m"}});
  ASSERT_TRUE(number);
  ASSERT_TRUE(store->step(*number, "image", {{"key", "k"}}, false));
  ASSERT_TRUE(store->step(*number, "container", {{"id", "c"}}, true));
  auto open = store->unfinished();
  ASSERT_TRUE(open);
  ASSERT_EQ(open->size(), 1u);
  EXPECT_EQ((*open)[0].step, "container");
  EXPECT_EQ((*open)[0].operation, "up");
  EXPECT_EQ((*open)[0].environment, "a1");
  EXPECT_EQ(write_json((*open)[0].details), R"({"id":"c"})");
  EXPECT_GT((*open)[0].begun, 1'600'000'000);
  ASSERT_TRUE(store->finish(*number));
  EXPECT_TRUE(store->unfinished()->empty());
  auto late = store->step(*number, "hook", nullptr, false);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "journal.unknown");
}

TEST_F(StoreTest, ANumberIsNeverUsedTwice) {
  auto first = store->begin("a1", "up", "clone", nullptr);
  ASSERT_TRUE(store->finish(*first));
  EXPECT_GT(*store->begin("a1", "up", "clone", nullptr), *first);
}

TEST_F(StoreTest, EraseTakesTheJournalRowsAlong) {
  ASSERT_TRUE(store->add(row("a1", "web")));
  ASSERT_TRUE(store->begin("a1", "delete", "container", nullptr));
  auto other = store->begin("b2", "up", "clone", nullptr);
  ASSERT_TRUE(store->erase("a1"));
  auto open = store->unfinished();
  ASSERT_EQ(open->size(), 1u);
  EXPECT_EQ((*open)[0].number, *other);
}

TEST_F(StoreTest, SettingsAreReplaced) {
  EXPECT_FALSE(*store->setting("network"));
  ASSERT_TRUE(store->set_setting("network", "10.0.0.0/16"));
  ASSERT_TRUE(store->set_setting("network", ""));
  auto value = store->setting("network");
  ASSERT_TRUE(value && *value);
  EXPECT_EQ(**value, "");
}

TEST_F(StoreTest, PrebuildsComeInTheOrderOfTheirMaking) {
  PrebuildRow first{"p1", "key", false, 1000, "https://git.example.org/acme/web", {{"label", "acme/web"}},
                    3,    0};
  PrebuildRow second{"p0", "key", true, 1000, "https://git.example.org/acme/web", nullptr, 3, 0};
  ASSERT_TRUE(store->put_prebuild(first));
  ASSERT_TRUE(store->put_prebuild(second));
  first.ready = true;
  first.used = 9;
  ASSERT_TRUE(store->put_prebuild(first));
  open();
  auto rows = store->prebuilds();
  ASSERT_TRUE(rows && rows->size() == 2);
  const auto& kept = rows->front();
  EXPECT_EQ(kept.id, "p1");
  EXPECT_EQ(kept.key, "key");
  EXPECT_TRUE(kept.ready);
  EXPECT_EQ(kept.owner, 1000u);
  EXPECT_EQ(kept.source, first.source);
  EXPECT_EQ(kept.details, first.details);
  EXPECT_EQ(kept.created, 3);
  EXPECT_EQ(kept.used, 9);
  ASSERT_TRUE(store->erase_prebuild("p1"));
  ASSERT_TRUE(store->erase_prebuild("p1")) << "twice is the same";
  EXPECT_EQ(store->prebuilds()->size(), 1u);
}

TEST_F(StoreTest, AKilledProcessLeavesItsIntentBehind) {
  store.reset();
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto mine = Store::open(folder.file());
    if (!mine || !(*mine)->begin("a1", "up", "container", {{"id", "c1"}})) _exit(1);
    _exit(0);  // no destructor runs: as if killed
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  open();
  auto rows = store->unfinished();
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ((*rows)[0].step, "container");
  EXPECT_EQ(text_or((*rows)[0].details, "id"), "c1");
}

TEST_F(StoreTest, TwoThreadsLoseNothing) {
  constexpr int each = 60;
  auto work = [&](int thread) {
    for (int i = 0; i < each; ++i) {
      auto name = fmt::format("e{}-{}", thread, i);
      EXPECT_TRUE(store->add(row(name, name)));
      auto number = store->begin(name, "up", "clone", nullptr);
      ASSERT_TRUE(number);
      EXPECT_TRUE(store->step(*number, "image", nullptr, i % 2 == 0));
      auto mine = store->unfinished();
      ASSERT_TRUE(mine);
      EXPECT_TRUE(std::any_of(mine->begin(), mine->end(), [&](const JournalRow& r) {
        return r.number == *number && r.environment == name && r.step == "image";
      }));
      if (i % 3 != 0) {
        EXPECT_TRUE(store->finish(*number));
      }
    }
  };
  std::thread first(work, 1);
  std::thread second(work, 2);
  first.join();
  second.join();
  EXPECT_EQ(store->environments()->size(), 2u * each);
  EXPECT_EQ(store->unfinished()->size(), 2u * each / 3);
}

}  // namespace
}  // namespace photon::store
