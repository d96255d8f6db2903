#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "devenv/core/name.hpp"
#include "images/imager/commands/commands.hpp"
#include "images/imager/machine/machine.hpp"
#include "images/imager/machine/run_folder.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;

constexpr Option options[] = {
    {"--key", "-k", "FILE", "the public key that may log in, instead of ~/.ssh/id_ed25519.pub and its like",
     true, Completes::files},
    {"--port", "-p", "N", "SSH's port on 127.0.0.1, instead of a free one"},
    {"--memory", "-m", "MIB", "instead of 1024"},
    {"--processors", "", "N", "instead of 2"},
    {"--uefi", "", "", "the firmware boots the disk, instead of QEMU the kernel"},
    {"--keep", "", "", "changes stay in the image's file"},
    {"--hostname", "", "NAME", "of the machine, instead of photon"},
    {"--seed", "", "FILE",
     "a disk with a seed of cloud-init, beside the image's own; it names users and host, if nothing else "
     "does",
     false, Completes::files},
    {"--accelerator", "", "WORD", "kvm or tcg, instead of the better one that is there", false,
     Completes::words, "kvm tcg"},
    {"--timeout", "", "SECONDS", "for the boot, instead of 180"},
    {"--exec", "", "COMMAND",
     "run that on this machine once SSH answers, with PHOTON_SSH_PORT set, then power off"},
    output_option,
    arch_option,
};
constexpr Positional positionals[] = {{"NAME", "of an image that is made", true, Completes::images}};
constexpr Example examples[] = {
    {"imager run workstation", "boot it; Ctrl-C powers it off, and what it changed is gone"},
    {"imager run minimal --uefi --keep", "as a machine would boot it, and it remembers"},
    {"imager run minimal --seed seed.iso", "users, keys and host name are the seed's"},
    {"imager run minimal --exec 'ssh -p $PHOTON_SSH_PORT photon@127.0.0.1 uname -a'",
     "one command, then off"}};

Result<unsigned> number(const Context& context, std::string_view option, unsigned otherwise, unsigned most) {
  auto given = context.arguments.text(option);
  if (given.empty()) return otherwise;
  unsigned value = 0;
  auto read = std::from_chars(given.data(), given.data() + given.size(), value);
  if (read.ec != std::errc() || read.ptr != given.data() + given.size() || value == 0 || value > most)
    return fail(Kind::usage, "cli.usage", fmt::format("{} cannot be \"{}\"", option, shown(given)),
                fmt::format("a number from 1 to {}", most));
  return value;
}

/// The public keys that may log in: a private one given by mistake goes nowhere.
Result<std::string> keys_of(const Context& context) {
  auto files = context.arguments.all("--key");
  if (files.empty()) {
    const char* home = std::getenv("HOME");
    for (const auto* kind : {"ed25519", "ecdsa", "rsa"}) {
      auto file = fmt::format("{}/.ssh/id_{}.pub", home ? home : "/root", kind);
      std::error_code error;
      if (fs::exists(file, error)) files.push_back(file);
    }
  }
  if (files.empty())
    return fail(Kind::usage, "image.key",
                "nobody could log in: there is no key ~/.ssh/id_ed25519.pub and its like",
                "ssh-keygen -t ed25519 makes one; or --key FILE");
  std::string out;
  for (const auto& file : files) {
    PHOTON_TRY(auto text, read_file(file, 1 << 16));
    bool some = false;
    for (std::size_t at = 0; at < text.size();) {
      auto end = std::min(text.find('\n', at), text.size());
      auto line = text.substr(at, end - at);
      if (line.starts_with("ssh-") || line.starts_with("ecdsa-") || line.starts_with("sk-")) {
        out += line + "\n";
        some = true;
      }
      at = end + 1;
    }
    if (!some)
      return fail_at({file, 1, 1}, Kind::usage, "image.key", "this is no public SSH key",
                     text.starts_with("-----BEGIN")
                         ? "it is the private one; the public one is beside it, .pub"
                         : "ssh-keygen -t ed25519 makes a pair");
  }
  return out;
}

Result<json::value> about_of(const std::string& output, const std::string& name) {
  auto text = read_file(output + "/" + name + ".json");
  if (!text)
    return fail(Kind::not_found, "image.unmade", fmt::format("{} is not made in {}", name, output),
                "imager build " + name);
  return parse_json(*text, name + ".json");
}

Result<MachineOptions> options_of(const Context& context) {
  MachineOptions out;
  auto name = context.arguments.positional(0);
  PHOTON_TRY(auto output, context.output());
  PHOTON_TRY(out.arch, context.arch());
  PHOTON_TRY(auto about, about_of(output, name));
  std::error_code error;
  for (const auto* ending : {".qcow2", ".raw"})
    if (out.disk.empty() && fs::exists(output + "/" + name + ending, error))
      out.disk = output + "/" + name + ending;
  const auto* boot = member(about, "boot");
  if (out.disk.empty() || !boot)
    return fail(Kind::not_found, "image.disk", name + " has no disk: neither qcow2 nor raw",
                boot ? fmt::format("imager build {} --format qcow2", name)
                     : fmt::format("it is for containers: devenv image import {}/{}.oci.tar", output, name));
  if (!context.arguments.flag("--uefi")) {
    out.kernel = output + "/" + name + ".vmlinuz";
    out.command_line = text_or(*boot, "command_line");
  }
  out.keeps_changes = context.arguments.flag("--keep");
  PHOTON_TRY(out.memory, number(context, "--memory", 1024, 1 << 20));
  PHOTON_TRY(out.processors, number(context, "--processors", 2, 255));
  PHOTON_TRY(auto port, number(context, "--port", 0, 65535));
  out.port = static_cast<std::uint16_t>(port);
  if (auto word = context.arguments.text("--accelerator"); !word.empty())
    out.accelerator = word == "kvm" ? Accelerator::kvm : Accelerator::emulation;
  out.seed = context.arguments.text("--seed");
  if (!out.seed.empty() && !fs::is_regular_file(out.seed, error))
    return fail(Kind::not_found, "image.seed", "there is no file " + out.seed,
                "genisoimage -output seed.iso -volid cidata -joliet -rock user-data meta-data");
  // A seed is enough to come in by; what is asked for beside it is handed over as well.
  if (out.seed.empty() || context.arguments.flag("--key")) {
    PHOTON_TRY(auto keys, keys_of(context));
    out.credentials["photon.authorized_keys"] = keys;
  }
  if (out.seed.empty() || context.arguments.flag("--hostname"))
    out.credentials["photon.hostname"] = context.arguments.text("--hostname", "photon");
  return out;
}

/// The command's exit status, with the machine's port in its environment.
Result<int> execute(const std::string& command, std::uint16_t port, const Work& work) {
  std::map<std::string, std::string> environment;
  for (char** one = environ; *one; ++one) {
    std::string_view pair(*one);
    auto at = pair.find('=');
    if (at != std::string_view::npos) environment.emplace(pair.substr(0, at), pair.substr(at + 1));
  }
  environment["PHOTON_SSH_PORT"] = std::to_string(port);
  PHOTON_TRY(auto child, start({.argv = {"/bin/sh", "-c", command},
                                .environment = std::move(environment),
                                .output = 1,
                                .error = 2,
                                .dies_with_us = true}));
  auto status = child.wait(work.stop);
  if (!status && status.error().kind == Kind::cancelled) (void)child.stop(std::chrono::seconds(5));
  return status;
}

/// What the console said is all there is to find out why. A machine may print anything.
void tell_console(const Context& context, const std::string& file) {
  auto text = read_file(file, 64 << 20).value_or("");
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    context.tell(harmless(std::string_view(text).substr(at, end - at)) + "\n");
    at = end + 1;
  }
}

Result<int> run(Context& context) {
  PHOTON_TRY(auto machine_options, options_of(context));
  PHOTON_TRY(auto limit, number(context, "--timeout", 180, 86400));
  PHOTON_TRY(auto folder, RunFolder::make());
  machine_options.folder = folder.path();
  Shown shown;
  auto work = shown.work();
  auto machine = Machine::start(machine_options, work);
  if (!machine) {
    shown.close(true);
    return tl::unexpected(machine.error());
  }
  auto ready = machine->wait_for_ssh(std::chrono::seconds(limit), work);
  shown.close(!ready);
  if (!ready) {
    if (ready.error().kind != Kind::cancelled) tell_console(context, machine->console());
    (void)machine->stop(std::chrono::seconds(1));
    return tl::unexpected(ready.error());
  }
  auto say = fmt::format("ssh -p {} photon@127.0.0.1", machine->port());
  if (context.json()) {
    PHOTON_CHECK(
        context.print_json(json::object{{"port", machine->port()}, {"pid", machine->pid()}, {"ssh", say}}));
  } else {
    context.tell(fmt::format("  {}\n", say));
  }
  Result<int> status = 0;
  if (auto command = context.arguments.text("--exec"); !command.empty())
    status = execute(command, machine->port(), work);
  else
    status = machine->wait(work);
  // Ctrl-C is how one leaves: the machine is powered off as by its button.
  if (!status && status.error().kind == Kind::cancelled && context.arguments.text("--exec").empty())
    status = 0;
  if (work.stopped()) context.tell("  powering off; Ctrl-C again ends it at once\n");
  PHOTON_CHECK(machine->stop(std::chrono::seconds(60)));
  return status;
}

}  // namespace

extern const Command run_command{"run", "boot an image in QEMU", options, positionals, examples, run};

}  // namespace photon::images
