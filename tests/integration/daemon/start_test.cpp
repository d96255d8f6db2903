// The client starts a daemon on demand, and says why it could not.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/integration/daemon/running_daemon.hpp"

namespace photon::daemon {
namespace {

Result<Output> list(const std::string& home) {
  return run({.argv = {PHOTON_BUILD_DIR "/bin/devenv", "ls"},
              .environment = std::map<std::string, std::string>{
                  {"DEVENV_HOME", home}, {"HOME", home}, {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}}});
}

TEST(Start, TheFirstCommandStartsTheDaemon) {
  fixtures::TempFolder folder;
  auto output = list(folder.path);
  ASSERT_TRUE(output);
  EXPECT_EQ(output->status, 0) << output->err;
  auto run_folder = folder.path + "/run";
  client::Client client(
      Paths{folder.path + "/data", folder.path + "/cache", folder.path + "/config", run_folder});
  auto status = client.status();
  ASSERT_TRUE(status) << status.error().message;
  ASSERT_TRUE(client.shut_down(true));
  auto process = fmt::format("/proc/{}", status->pid);
  for (int i = 0; i < 1000 && std::filesystem::exists(process + "/exe"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

TEST(Start, ADaemonThatGivesUpIsQuoted) {
  fixtures::TempFolder folder;
  ASSERT_TRUE(make_directories(folder.path + "/data"));
  ASSERT_TRUE(
      write_file(folder.path + "/data/journal.sqlite", "this is no database, and long enough to be seen"));
  auto output = list(folder.path);
  ASSERT_TRUE(output);
  EXPECT_EQ(output->status, exit_status(Kind::corrupt));
  EXPECT_THAT(output->err, testing::HasSubstr("the daemon did not start: "));
  EXPECT_THAT(output->err, testing::HasSubstr("journal.sqlite"));
}

}  // namespace
}  // namespace photon::daemon
