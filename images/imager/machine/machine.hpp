// A virtual machine of QEMU that boots one of our images: no libvirt, no root, no network but SSH's port on
// loopback and the machine's own way out.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "devenv/core/process.hpp"
#include "devenv/core/work.hpp"

namespace photon::images {

/// best: KVM where there is one that runs the machine, else emulation.
enum class Accelerator { best, kvm, emulation };

struct MachineOptions {
  std::string disk{};                    ///< NAME.qcow2 or NAME.raw
  bool keeps_changes = false;            ///< else they are gone with the machine
  std::string seed{};                    ///< a second disk, only read: cloud-init's NoCloud, say
  std::string kernel{}, command_line{};  ///< direct boot; empty: the firmware boots the disk (UEFI)
  std::string arch{};
  Accelerator accelerator = Accelerator::best;
  unsigned processors = 2;
  unsigned memory = 1024;  ///< MiB
  std::uint16_t port = 0;  ///< on 127.0.0.1, to the machine's 22; 0: one that is free
  /// systemd credentials by name (systemd.io/CREDENTIALS), handed over by SMBIOS: in no file and in no
  /// argument that other users see.
  std::map<std::string, std::string> credentials{};
  std::string folder{};  ///< for sockets, the firmware's variables and console.log: exists
};

class Machine {
 public:
  /// unavailable "image.qemu" or "image.firmware" names the package that is missing.
  static Result<Machine> start(const MachineOptions& options, const Work& work);

  /// 0 before wait_for_ssh() if none was asked for: QEMU takes a free one.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return child_.pid(); }
  [[nodiscard]] const std::string& console() const { return console_; }  ///< file with all that it printed

  /// Until SSH greets. failed "image.boot" with the console's last line when the machine ends before or the
  /// time is over.
  Result<void> wait_for_ssh(std::chrono::seconds limit, const Work& work);
  /// Until it has powered off: QEMU's exit status.
  Result<int> wait(const Work& work);
  /// Asks it to power off (ACPI), ends it after `grace`.
  Result<void> stop(std::chrono::seconds grace);

 private:
  static Result<Machine> start_with(const MachineOptions& options, Accelerator accelerator, const Work& work);
  bool runs_on(std::chrono::milliseconds limit);

  Child child_{};
  std::uint16_t port_ = 0;
  std::string console_{}, monitor_{};
};

}  // namespace photon::images
