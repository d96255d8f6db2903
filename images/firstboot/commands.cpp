#include "images/firstboot/commands.hpp"

#include "devenv/core/process.hpp"
#include "images/firstboot/apply.hpp"

namespace photon::first_boot {
namespace {

constexpr const char* wait_online = "/usr/lib/systemd/systemd-networkd-wait-online";

Result<int> execute(std::vector<std::string> words, const std::string& instance) {
  Command command{.argv = std::move(words), .output = 2, .error = 2};
  command.environment =
      std::map<std::string, std::string>{{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"},
                                         {"HOME", "/root"},
                                         {"LANG", "C.UTF-8"},
                                         {"INSTANCE_ID", instance}};
  command.directory = "/";
  PHOTON_TRY(auto child, start(command));
  return child.wait();
}

}  // namespace

Result<void> run_commands(const Tree& tree, const std::string& root, Journal& journal) {
  PHOTON_TRY(auto instance, tree.read("var/lib/photon/first-boot/instance"));
  auto id = instance.value_or("");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  Result<void> first;
  auto one = [&](const char* file, bool shell, bool once) -> Result<void> {
    auto path = root == "/" ? std::string("/") + file : root + "/" + file;
    auto status =
        execute(shell ? std::vector<std::string>{"/bin/sh", path} : std::vector<std::string>{path}, id);
    // Removed when it is over: what a power cut ended begins again, what failed does not.
    if (once) PHOTON_CHECK(tree.remove(file));
    if (!status) return tl::unexpected(status.error());
    if (*status == 0) return {};
    return fail(Kind::failed, "first-boot.command", fmt::format("/{} ended with {}", file, *status));
  };
  auto keep = [&](Result<void> done) {
    if (done) return;
    journal.warning(done.error());
    if (first) first = std::move(done);
  };
  if (tree.exists(boot_commands_file)) keep(one(boot_commands_file, true, false));
  bool commands = tree.exists(commands_file), script = tree.exists(script_file);
  // The unit that waits is masked, for it holds up everybody; here somebody has a reason.
  if ((commands || script) && tree.runs() && tree.exists(wait_online))
    (void)execute({wait_online, "--quiet", "--any", "--timeout=30"}, id);
  if (commands) keep(one(commands_file, true, true));
  if (script) keep(one(script_file, false, true));
  return first;
}

}  // namespace photon::first_boot
