#include "images/imager/disk/tools.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "devenv/core/fd.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;

#ifdef __aarch64__
constexpr std::string_view triplet = "aarch64-linux-gnu", loader = "/lib/ld-linux-aarch64.so.1";
#else
constexpr std::string_view triplet = "x86_64-linux-gnu", loader = "/lib64/ld-linux-x86-64.so.2";
#endif

Result<std::string> complete(Command command, const std::string& name, const Tools& tools,
                             std::string_view input, const Work& work) {
  auto date = std::to_string(tools.date);
  command.environment = std::map<std::string, std::string>{
      {"SOURCE_DATE_EPOCH", date},
      {"E2FSPROGS_FAKE_TIME", date},
      {"MKE2FS_CONFIG", tools.root + "/etc/mke2fs.conf"},
      {"GCONV_PATH", tools.root + "/usr/lib/" + std::string(triplet) + "/gconv"},
      {"LC_ALL", "C"},
      {"TZ", "UTC"},
      {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};
  command.dies_with_us = true;
  command.new_session = true;  // Ctrl-C is ours: it is stopped by us, not by the terminal
  PHOTON_TRY(auto done, run(std::move(command), input, std::chrono::minutes(30), work.stop));
  if (done.status == 0) return done.out;
  auto said = done.err.empty() ? done.out : done.err;
  while (said.ends_with('\n')) said.pop_back();
  bool full = said.find(::strerror(ENOSPC)) != std::string::npos;
  return fail(full ? Kind::no_space : Kind::failed, "image.tool",
              fmt::format("{} ended with {}: {}", fs::path(name).filename().string(), done.status,
                          said.substr(said.rfind('\n') + 1)));
}

/// The tools' own loader and libraries, whatever this machine has.
std::vector<std::string> loader_of(const Tools& tools) {
  return {tools.root + std::string(loader), "--library-path",
          tools.root + "/usr/lib/" + std::string(triplet)};
}

}  // namespace

std::vector<std::string> tool_packages() {
  return {"filesystem", "e2fsprogs", "dosfstools", "mtools", "util-linux-fdisk", "systemd-boot-stub"};
}

Result<std::string> run_tool(const Tools& tools, const std::string& program,
                             std::vector<std::string> arguments, const Work& work, std::string_view input) {
  auto argv = loader_of(tools);
  argv.push_back(tools.root + program);
  for (auto& argument : arguments) argv.push_back(std::move(argument));
  return complete({.argv = std::move(argv)}, program, tools, input, work);
}

Result<std::string> run_program(const Tools& tools, std::vector<std::string> argv, const Work& work) {
  auto found = find_program(argv.at(0));
  if (!found) {
    return fail(Kind::unavailable, "image.program", fmt::format("{} is not installed", argv[0]),
                "apt-get install qemu-utils");
  }
  auto name = std::exchange(argv[0], *found);
  return complete({.argv = std::move(argv)}, name, tools, {}, work);
}

}  // namespace photon::images
