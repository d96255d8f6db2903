#include "images/imager/machine/machine.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "images/imager/machine/monitor.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

#ifdef __aarch64__
constexpr std::string_view native_arch = "aarch64";
#else
constexpr std::string_view native_arch = "x86_64";
#endif

struct Firmware {
  std::string_view code, variables;
};
constexpr Firmware firmwares_x86_64[] = {
    {"/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
    {"/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"}};
constexpr Firmware firmwares_aarch64[] = {
    {"/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"}};

Result<Firmware> firmware_of(const std::string& arch) {
  std::error_code error;
  auto find = [&](auto& list) -> std::optional<Firmware> {
    for (const auto& one : list)
      if (fs::exists(one.code, error)) return one;
    return std::nullopt;
  };
  auto found = arch == "aarch64" ? find(firmwares_aarch64) : find(firmwares_x86_64);
  if (found) return *found;
  return fail(Kind::unavailable, "image.firmware", "there is no UEFI firmware for " + arch,
              arch == "aarch64" ? "apt-get install qemu-efi-aarch64" : "apt-get install ovmf");
}

/// QEMU before 8.1 can keep code that one processor translated while another one patched it: Linux runs into
/// an int3 that is long gone, and every tenth start of a machine panics. One thread for all processors
/// cannot.
std::string emulation(const std::string& qemu, const std::string& arch) {
  constexpr std::string_view before = "version ";
  constexpr double mended = 8.1;
  auto said = run({.argv = {qemu, "--version"}}, {}, 10s);
  auto at = said ? said->out.find(before) : std::string::npos;
  const bool old = at == std::string::npos ||
                   std::strtod(said->out.c_str() + at + before.size(), nullptr) < mended;  // "7.2.22"
  return old && arch == "x86_64" ? "tcg,thread=single" : "tcg,thread=multi";
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// "SSH-2.0-…" from the port, within a second or two.
bool greets(std::uint16_t port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = loopback(port);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return false;
  struct pollfd waiting{socket.get(), POLLIN, 0};
  if (::poll(&waiting, 1, 2000) <= 0) return false;
  char text[8];
  return ::recv(socket.get(), text, sizeof text, 0) == sizeof text && std::string_view(text, 4) == "SSH-";
}

std::string last_line(const std::string& console) {
  auto text = read_file(console, 64 << 20).value_or("");
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

bool has_kvm() { return ::access("/dev/kvm", R_OK | W_OK) == 0; }

/// Credentials in a file of ours that QEMU reads: arguments are seen by everybody.
Result<void> add_credentials(std::vector<std::string>& argv, const MachineOptions& options) {
  std::size_t number = 0;
  for (const auto& [name, value] : options.credentials) {
    auto file = fmt::format("{}/credential-{}", options.folder, ++number);
    PHOTON_CHECK(write_file(
        file, fmt::format("io.systemd.credential.binary:{}={}", name, base64_encode(value)), 0600));
    argv.insert(argv.end(), {"-smbios", "type=11,path=" + file});
  }
  return {};
}

Result<void> add_boot(std::vector<std::string>& argv, const MachineOptions& options) {
  if (!options.kernel.empty()) {
    argv.insert(argv.end(), {"-kernel", options.kernel, "-append", options.command_line});
    return {};
  }
  PHOTON_TRY(auto firmware, firmware_of(options.arch));
  auto variables = options.folder + "/variables.fd";
  std::error_code error;
  fs::copy_file(firmware.variables, variables, fs::copy_options::overwrite_existing, error);
  if (error)
    return fail(Kind::failed, "image.firmware", fmt::format("{}: {}", firmware.variables, error.message()));
  argv.insert(argv.end(),
              {"-drive", fmt::format("if=pflash,format=raw,unit=0,readonly=on,file={}", firmware.code),
               "-drive", fmt::format("if=pflash,format=raw,unit=1,file={}", variables)});
  return {};
}

/// A comma in a file name ends QEMU's option unless it is doubled.
std::string escaped(const std::string& path) {
  std::string out;
  for (char c : path) out += c == ',' ? std::string(",,") : std::string(1, c);
  return out;
}

}  // namespace

/// A machine within a machine may have a KVM that stops at the first instruction it cannot do: QEMU ends, or
/// says "internal-error", within the first second or two.
bool Machine::runs_on(std::chrono::milliseconds limit) {
  auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < limit) {
    auto ended = child_.wait_for(100ms);
    if (!ended || *ended || monitor::state(monitor_) == "internal-error") return false;
  }
  return true;
}

Result<Machine> Machine::start(const MachineOptions& options, const Work& work) {
  if (options.accelerator != Accelerator::best) return start_with(options, options.accelerator, work);
  bool native = options.arch == native_arch;
  if (native && has_kvm()) {
    PHOTON_TRY(auto machine, start_with(options, Accelerator::kvm, work));
    if (machine.runs_on(2500ms)) return machine;
    (void)machine.child_.stop(1s);
    work.report(
        {.step = "boot", .subject = "KVM does not run it here", .detail = "emulation, which is slow"});
  }
  return start_with(options, Accelerator::emulation, work);
}

Result<Machine> Machine::start_with(const MachineOptions& options, Accelerator accelerator,
                                    const Work& work) {
  Machine out;
  out.port_ = options.port;
  out.console_ = options.folder + "/console.log";
  out.monitor_ = options.folder + "/monitor.sock";
  auto program = "qemu-system-" + options.arch;
  auto found = find_program(program);
  if (!found)
    return fail(
        Kind::unavailable, "image.qemu", program + " is not installed",
        options.arch == "aarch64" ? "apt-get install qemu-system-arm" : "apt-get install qemu-system-x86");
  bool kvm = accelerator == Accelerator::kvm;
  std::vector<std::string> argv{
      *found, "-name", "photon", "-machine", options.arch == "aarch64" ? "virt" : "q35", "-cpu",
      kvm ? "host" : "max", "-accel", kvm ? "kvm" : emulation(*found, options.arch), "-smp",
      std::to_string(options.processors), "-m", std::to_string(options.memory), "-nodefaults",
      "-no-user-config", "-display", "none", "-no-reboot", "-chardev",
      fmt::format("file,id=console,path={}", escaped(out.console_)), "-serial", "chardev:console", "-qmp",
      fmt::format("unix:{},server=on,wait=off", escaped(out.monitor_)), "-device", "virtio-rng-pci", "-drive",
      fmt::format("if=none,id=disk,format={},file={},snapshot={},discard=unmap",
                  options.disk.ends_with(".qcow2") ? "qcow2" : "raw", escaped(options.disk),
                  options.keeps_changes ? "off" : "on"),
      "-device", "virtio-blk-pci,drive=disk", "-netdev",
      // 0: QEMU takes one that is free, and no other can take it meanwhile.
      fmt::format("user,id=net,hostfwd=tcp:127.0.0.1:{}-:22", out.port_), "-device",
      "virtio-net-pci,netdev=net"};
  if (!options.seed.empty())
    argv.insert(argv.end(), {"-drive", "if=none,id=seed,format=raw,readonly=on,file=" + escaped(options.seed),
                             "-device", "virtio-blk-pci,drive=seed"});
  PHOTON_CHECK(add_boot(argv, options));
  PHOTON_CHECK(add_credentials(argv, options));
  PHOTON_TRY(auto errors, open_fd(options.folder + "/qemu.log", O_WRONLY | O_CREAT | O_TRUNC, 0600));
  work.report(
      {.step = "boot", .subject = fs::path(options.disk).filename(), .detail = kvm ? "KVM" : "emulation"});
  PHOTON_TRY(
      out.child_,
      // Ctrl-C at a terminal is for us, who power it off: QEMU would end at once, its disk half-written.
      photon::start(
          {.argv = std::move(argv), .error = errors.get(), .new_session = true, .dies_with_us = true}));
  return out;
}

Result<void> Machine::wait_for_ssh(std::chrono::seconds limit, const Work& work) {
  auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < limit) {
    if (work.stopped()) return cancelled();
    PHOTON_TRY(auto ended, child_.wait_for(100ms));
    if (ended) {
      auto said = last_line(fs::path(console_).parent_path().string() + "/qemu.log");
      return fail(Kind::failed, "image.boot",
                  fmt::format("the machine ended before SSH answered: {}",
                              said.empty() ? last_line(console_) : said));
    }
    if (port_ == 0) port_ = monitor::forwarded(monitor_);
    if (port_ != 0 && greets(port_)) {
      work.report({.step = "boot", .subject = fmt::format("SSH on port {}", port_), .finished = true});
      return {};
    }
    work.report({.step = "boot", .subject = "waiting for SSH", .detail = last_line(console_)});
  }
  return fail(Kind::failed, "image.boot",
              fmt::format("SSH did not answer within {} s; the console's last line: {}", limit.count(),
                          last_line(console_)),
              "--timeout SECONDS gives it longer, --memory MIB more memory");
}

Result<int> Machine::wait(const Work& work) { return child_.wait(work.stop); }

Result<void> Machine::stop(std::chrono::seconds grace) {
  if (child_.pid() <= 0) return {};
  if (monitor::power_down(monitor_)) {
    PHOTON_TRY(auto ended, child_.wait_for(std::chrono::duration_cast<std::chrono::milliseconds>(grace)));
    if (ended) return {};
  }
  return child_.stop(5s).map([](int) {});
}

}  // namespace photon::images
