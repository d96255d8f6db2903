// What Store::open makes of files in every state, and the schema of each version.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devenv/core/fd.hpp"
#include "devenv/core/mounts.hpp"
#include "devenv/store/store.hpp"
#include "tests/unit/store/folder.hpp"

namespace photon::store {
namespace {

/// All rows of a query on a file, columns joined by "|".
std::vector<std::string> look(const std::string& file, const char* sql) {
  std::vector<std::string> rows;
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  auto each = [](void* out, int count, char** values, char**) {
    std::string line;
    for (int i = 0; i < count; ++i) line += std::string(i ? "|" : "") + (values[i] ? values[i] : "");
    static_cast<std::vector<std::string>*>(out)->push_back(line);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database, sql, each, &rows, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
  sqlite3_close(database);
  return rows;
}

Error error_of(const std::string& file) {
  auto opened = Store::open(file);
  return opened ? Error{Kind::internal, "opened", "it opened"} : opened.error();
}

TEST(StoreOpen, MakesAFileForItsOwnerAloneInWalMode) {
  Folder folder;
  auto before = umask(0);
  auto opened = Store::open(folder.file());
  umask(before);
  ASSERT_TRUE(opened) << sentence(opened.error());
  struct stat status{};
  for (const auto* tail : {"", "-wal", "-shm"}) {
    ASSERT_EQ(stat((folder.file() + tail).c_str(), &status), 0) << tail;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << tail;
  }
  EXPECT_EQ(look(folder.file(), "PRAGMA journal_mode"), std::vector<std::string>{"wal"});
}

TEST(StoreOpen, TheSchemaIsThatOfTheGoldenFile) {
  Folder folder;
  ASSERT_TRUE(Store::open(folder.file()));
  std::string text;
  for (const auto& pragma : {"PRAGMA user_version", "PRAGMA application_id"})
    text += std::string(pragma) + " = " + look(folder.file(), pragma).at(0) + ";\n";
  for (const auto& sql :
       look(folder.file(), "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"))
    text += sql + ";\n";
  std::string golden = PHOTON_SOURCE_DIR "/tests/unit/store/data/schema-2.sql";
  if (std::getenv("PHOTON_ACCEPT")) {
    ASSERT_TRUE(write_file(golden, text, 0644));
    FAIL() << "accepted: review " << golden;
  }
  auto kept = read_file(golden);
  ASSERT_TRUE(kept) << sentence(kept.error());
  EXPECT_EQ(text, *kept);
}

TEST(StoreOpen, OpensAJournalOfSchemaOne) {
  Folder folder;
  auto golden = read_file(PHOTON_SOURCE_DIR "/tests/unit/store/data/schema-1.sql");
  ASSERT_TRUE(golden);
  auto sql = *golden + "INSERT INTO environments VALUES ('a1', 'web', 'running', 0, 's', '{}', 1, 2);";
  look(folder.file(), sql.c_str());
  auto opened = Store::open(folder.file());
  ASSERT_TRUE(opened) << sentence(opened.error());
  auto row = (*opened)->by_name("web");
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((*row)->state, State::running);
  EXPECT_TRUE((*opened)->prebuilds()->empty()) << "which came with schema 2";
  EXPECT_EQ(look(folder.file(), "PRAGMA user_version"), std::vector<std::string>{"2"});
}

TEST(StoreOpen, ANewerSchemaIsLeftAlone) {
  Folder folder;
  ASSERT_TRUE(Store::open(folder.file()));
  look(folder.file(), "PRAGMA user_version = 99");
  auto error = error_of(folder.file());
  EXPECT_EQ(error.kind, Kind::corrupt);
  EXPECT_EQ(error.code, "journal.newer");
  EXPECT_NE(error.message.find("schema 99"), std::string::npos) << error.message;
  EXPECT_NE(error.hint.find("mv " + folder.file()), std::string::npos) << error.hint;
  EXPECT_EQ(look(folder.file(), "PRAGMA user_version"), std::vector<std::string>{"99"});
}

TEST(StoreOpen, AFileOfAnotherKindIsBroken) {
  Folder folder;
  ASSERT_TRUE(write_file(folder.file(), std::string(5000, 'x')));
  auto error = error_of(folder.file());
  EXPECT_EQ(error.kind, Kind::corrupt);
  EXPECT_EQ(error.code, "journal.broken");
  EXPECT_NE(error.hint.find(".broken"), std::string::npos);
}

TEST(StoreOpen, ADatabaseOfAnotherProgramIsLeftAlone) {
  Folder folder;
  look(folder.file(), "CREATE TABLE songs (title TEXT)");
  auto error = error_of(folder.file());
  EXPECT_EQ(error.code, "journal.broken");
  EXPECT_NE(error.message.find("another program"), std::string::npos) << error.message;
  EXPECT_EQ(look(folder.file(), "SELECT name FROM sqlite_master"), std::vector<std::string>{"songs"});
}

TEST(StoreOpen, AFileWithDamagedPagesIsBroken) {
  Folder folder;
  {
    auto store = Store::open(folder.file());
    ASSERT_TRUE(store);
    for (int i = 0; i < 200; ++i)
      ASSERT_TRUE((*store)->set_setting(fmt::format("key {}", i), std::string(200, 'v')));
  }
  auto bytes = read_file(folder.file());
  ASSERT_TRUE(bytes);
  ASSERT_GT(bytes->size(), 20000u);
  for (std::size_t i = 4096; i < bytes->size(); i += 512) bytes->replace(i, 64, std::string(64, '\xee'));
  ASSERT_TRUE(write_file(folder.file(), *bytes));
  EXPECT_EQ(error_of(folder.file()).code, "journal.broken");
}

TEST(StoreOpen, ARowThatDoesNotParseIsBroken) {
  Folder folder;
  ASSERT_TRUE(Store::open(folder.file()));
  look(folder.file(), "INSERT INTO environments VALUES ('a1', 'web', 'asleep', 0, 's', '{}', 1, 2)");
  auto store = Store::open(folder.file());
  ASSERT_TRUE(store);
  auto rows = (*store)->environments();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, Kind::corrupt);
}

TEST(StoreOpen, AMissingFolderIsNamed) {
  Folder folder;
  auto error = error_of(folder.path + "/none/journal.sqlite");
  EXPECT_EQ(error.kind, Kind::not_found);
  EXPECT_NE(error.message.find(folder.path + "/none/journal.sqlite"), std::string::npos);
}

/// In a mount namespace of its own: makes `folder` a tmpfs, opens the journal there if `existing`, then makes
/// it read-only. 0: the error was as it should be.
int on_a_read_only_disk(const Folder& folder, bool existing) {
  if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return 10;
  if (part_mounts(MS_PRIVATE) != 0) return 15;
  if (mount("tmpfs", folder.path.c_str(), "tmpfs", 0, nullptr) != 0) return 11;
  if (existing && !Store::open(folder.file())) return 12;
  if (mount(nullptr, folder.path.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) return 13;
  auto error = error_of(folder.file());
  bool said = error.message.find("Read-only file system") != std::string::npos && !error.hint.empty();
  return said && error.kind == Kind::failed ? 0 : 14;
}

TEST(StoreOpen, AReadOnlyDiskIsSaidInSoManyWords) {
  for (bool existing : {false, true}) {
    Folder folder;
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(on_a_read_only_disk(folder, existing));
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0) << "existing: " << existing;
  }
}

}  // namespace
}  // namespace photon::store
