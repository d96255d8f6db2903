#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "devenv/command/run.hpp"
#include "devenv/core/process.hpp"
#include "images/imager/commands/commands.hpp"

namespace photon::images {
namespace {

/// An ordinary user makes images as root of a namespace of his own, with his subordinate ids: files get their
/// owners, and he gets no right that he lacks. From here on everything is the same for both.
Result<void> become_root(char** argv) {
  if (::geteuid() == 0 || !argv[1] || std::strcmp(argv[1], "build") != 0) return {};
  auto unshare = find_program("unshare");
  std::error_code error;
  auto self = std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (!unshare || error)
    return fail(Kind::unavailable, "image.namespace", "no user namespace can be made: unshare is missing",
                "install the package util-linux, or run it as root");
  std::vector<std::string> words{*unshare, "--user", "--map-root-user", "--map-auto", "--mount", "--", self};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  for (auto** word = argv + 1; *word; ++word) pointers.push_back(*word);
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  return fail_errno("run " + *unshare, errno);
}

}  // namespace
}  // namespace photon::images

int main(int argc, char** argv) {
  using namespace photon::images;
  ::signal(SIGPIPE, SIG_IGN);  // a write fails instead, and says so
  auto ready = become_root(argv);
  return photon::command::run_program(
      program(), {argv + 1, argv + argc}, [&](std::size_t index, photon::command::Arguments arguments) {
        if (!ready) return photon::Result<int>(tl::unexpected(std::move(ready.error())));
        Context context(std::move(arguments));
        return commands()[index]->run(context);
      });
}
