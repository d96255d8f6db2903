#include "packages/forge/store/store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "tests/fixtures/temp_folder.hpp"
#include "tests/unit/forge_store/a_build.hpp"

namespace photon::forge {
namespace {

struct ForgeStore : testing::Test {
  fixtures::TempFolder folder;
  std::string out = folder.path + "/out";
  std::unique_ptr<Store> store = open();

  std::unique_ptr<Store> open() {
    auto opened = Store::open(folder.path + "/store");
    EXPECT_TRUE(opened) << sentence(opened.error());
    return opened ? std::move(*opened) : nullptr;
  }
  std::optional<Built> find(char digit) {
    auto found = store->find(key_of(digit));
    EXPECT_TRUE(found) << sentence(found.error());
    return found ? *found : std::nullopt;
  }
};

TEST_F(ForgeStore, GivesBackWhatWasAddedAlsoToTheNextProgram) {
  auto built = a_build(out, 'a', "bytes");
  ASSERT_FALSE(find('a'));
  ASSERT_TRUE(store->add(built, out));
  store = open();
  auto found = find('a');
  ASSERT_TRUE(found);
  EXPECT_EQ(found->recipe, "zlib");
  EXPECT_EQ(found->arch, "x86_64");
  EXPECT_EQ(found->origin, Origin::source);
  EXPECT_EQ(found->log, built.log);
  EXPECT_EQ(found->started, built.started);
  EXPECT_DOUBLE_EQ(found->seconds, 1.5);
  ASSERT_EQ(found->outputs.size(), 1U);
  EXPECT_EQ(found->outputs[0].sha256, built.outputs[0].sha256);
  ASSERT_EQ(found->ingredients.size(), 1U);
  EXPECT_EQ(found->ingredients[0].name, "macros");
  EXPECT_EQ(read_file(store->path_of(found->outputs[0])).value(), "bytes");
  EXPECT_FALSE(std::filesystem::exists(out + "/" + built.outputs[0].name)) << "it was to be moved";
}

TEST_F(ForgeStore, RefusesAFileThatIsNotWhatTheRecordSaysAndKeepsNothing) {
  auto built = a_build(out, 'a', "bytes");
  ASSERT_TRUE(write_file(out + "/" + built.outputs[0].name, "other"));
  auto added = store->add(built, out);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, Kind::corrupt);
  EXPECT_EQ(added.error().code, "forge.digest");
  EXPECT_NE(added.error().message.find(built.outputs[0].sha256), std::string::npos);
  EXPECT_FALSE(find('a'));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path + "/store/incoming"));
  EXPECT_TRUE(std::filesystem::exists(out + "/" + built.outputs[0].name));
}

TEST_F(ForgeStore, RefusesNamesThatWouldLeaveItsFolder) {
  for (const char* name : {"../x.rpm", "a/b.rpm", "", ".hidden"}) {
    auto built = a_build(out, 'a', "bytes");
    built.outputs[0].name = name;
    auto added = store->add(built, out);
    ASSERT_FALSE(added) << name;
    EXPECT_EQ(added.error().code, "forge.record") << name;
  }
}

TEST_F(ForgeStore, ABuildWhoseFileIsGoneOrTruncatedDoesNotCount) {
  ASSERT_TRUE(store->add(a_build(out, 'a', "bytes"), out));
  auto found = find('a');
  ASSERT_TRUE(found);
  std::string path = store->path_of(found->outputs[0]);
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  ASSERT_EQ(::truncate(path.c_str(), 2), 0);
  EXPECT_FALSE(find('a'));
  ASSERT_TRUE(store->add(a_build(out, 'a', "bytes"), out)) << "and is mended by building it again";
  EXPECT_TRUE(find('a'));
  EXPECT_EQ(read_file(path).value(), "bytes");
}

TEST_F(ForgeStore, HistoryIsNewestFirst) {
  ASSERT_TRUE(store->add(a_build(out, 'a', "one"), out));
  ASSERT_TRUE(store->add(a_build(out, 'b', "two"), out));
  ASSERT_TRUE(store->add(a_build(out, 'c', "else", "bash"), out));
  auto history = store->history("zlib", "x86_64");
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 2U);
  EXPECT_EQ((*history)[0].key, key_of('b'));
  EXPECT_EQ((*history)[1].key, key_of('a'));
  EXPECT_TRUE(store->history("zlib", "aarch64")->empty());
}

TEST_F(ForgeStore, KeepsSourcesByDigestAndChecksThem) {
  std::string file = folder.path + "/x.tar";
  ASSERT_TRUE(write_file(file, "source"));
  std::string right = sha256_hex("source"), wrong = sha256_hex("other");
  EXPECT_FALSE(store->source(right));
  auto refused = store->add_source(file, wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::corrupt);
  EXPECT_NE(refused.error().message.find(right), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find(wrong), std::string::npos);
  ASSERT_TRUE(store->add_source(file, right));
  ASSERT_TRUE(write_file(file, "changed later"));
  ASSERT_TRUE(store->source(right));
  EXPECT_EQ(read_file(*store->source(right)).value(), "source");
  EXPECT_FALSE(store->source("../../etc/passwd"));
}

TEST_F(ForgeStore, NotesAreReplaced) {
  EXPECT_EQ(store->note("a").value(), std::nullopt);
  ASSERT_TRUE(store->set_note("a", "1"));
  ASSERT_TRUE(store->set_note("a", std::string("2\0x", 3)));
  EXPECT_EQ(store->note("a").value(), std::string("2\0x", 3));
}

TEST_F(ForgeStore, GcKeepsWhatIsNeededAndTheNewest) {
  for (char digit : {'a', 'b', 'c', 'd'}) ASSERT_TRUE(store->add(a_build(out, digit, {digit}), out));
  auto gone = find('b');
  ASSERT_TRUE(gone);
  Keep keep{.keys = {key_of('a')}, .last = 2};
  keep.dry_run = true;
  ASSERT_EQ(store->gc(keep)->builds, 1U);
  ASSERT_TRUE(find('b')) << "a dry run removes nothing";
  keep.dry_run = false;
  auto freed = store->gc(keep);
  ASSERT_TRUE(freed);
  EXPECT_EQ(freed->builds, 1U);
  EXPECT_EQ(freed->files, 1U);
  EXPECT_TRUE(find('a'));
  EXPECT_FALSE(find('b'));
  EXPECT_FALSE(std::filesystem::exists(store->path_of(gone->outputs[0])));
  EXPECT_TRUE(find('c'));
  EXPECT_TRUE(find('d'));
}

TEST_F(ForgeStore, GcKeepsAFileThatTwoBuildsShare) {
  for (char digit : {'a', 'b'}) ASSERT_TRUE(store->add(a_build(out, digit, "same"), out));
  ASSERT_EQ(store->gc({.last = 1})->builds, 1U);
  EXPECT_FALSE(find('a'));
  EXPECT_TRUE(find('b'));
}

TEST_F(ForgeStore, ManyProgramsAtOnceEndWithEverythingOnce) {
  std::vector<std::thread> forges;
  std::atomic<int> faults = 0;
  for (int which = 0; which < 4; ++which)
    forges.emplace_back([&, which] {
      auto own = Store::open(folder.path + "/store");
      std::string place = out + std::to_string(which);
      for (char digit : {'a', 'b', 'c', 'd', 'e', 'f'})
        if (!own || !(*own)->add(a_build(place, digit, {digit}), place)) ++faults;
    });
  for (auto& forge : forges) forge.join();
  EXPECT_EQ(faults, 0);
  EXPECT_EQ(store->history("zlib", "x86_64")->size(), 6U);
  for (char digit : {'a', 'f'}) EXPECT_TRUE(find(digit));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path + "/store/incoming"));
}

TEST_F(ForgeStore, ABrokenIndexIsSaidWithItsMending) {
  store.reset();
  std::string index = folder.path + "/store/index.sqlite";
  std::filesystem::remove(index + "-wal");
  ASSERT_TRUE(write_file(index, std::string(8192, 'x')));
  auto opened = Store::open(folder.path + "/store");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Kind::corrupt);
  EXPECT_NE(opened.error().hint.find("rm " + index), std::string::npos) << opened.error().hint;
}

}  // namespace
}  // namespace photon::forge
