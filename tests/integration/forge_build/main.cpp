// The whole suite as who we are, and as root the heart of it once more as an ordinary user.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "tests/fixtures/user/ordinary_user.hpp"
#include "tests/integration/forge_build/killed.hpp"

namespace {

int as_ordinary_user() {
  auto user = photon::fixtures::make_ordinary_user();
  if (!user) {
    std::fprintf(stderr, "no ordinary user: %s\n", photon::sentence(user.error()).c_str());
    return 1;
  }
  // A copy where the user may read it: our own folder may be closed to others.
  std::error_code error;
  std::string program = user->folder + "/suite";
  std::filesystem::copy_file("/proc/self/exe", program, error);
  auto command = user->command({program, "--gtest_filter=*InOrder*:*InTheMiddle*"}, {{"TMPDIR", user->home}});
  command.output = STDOUT_FILENO;
  command.error = STDERR_FILENO;
  auto child = photon::start(command);
  auto status = child ? child->wait() : photon::Result<int>(1);
  return status ? *status : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "build") return photon::forge::build_once(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  int status = RUN_ALL_TESTS();
  if (::geteuid() != 0) return status;
  std::printf("once more as an ordinary user\n");
  std::fflush(stdout);
  return status | as_ordinary_user();
}
