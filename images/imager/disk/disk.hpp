// From a root to a disk: an ext4 file system, a unified kernel image, an EFI system partition, a partition
// table. Nothing is mounted and no loop device is used.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "images/imager/disk/tools.hpp"

namespace photon::images {

/// Identities of an image, all made of its key: the same image has the same ones.
struct Ids {
  std::string disk{}, esp{}, root{}, file_system{};  ///< UUIDs
  std::string volume{};                              ///< of the ESP: 8 hexadecimal digits
};
Ids ids_from(const std::string& key);

struct Layout {
  std::uint64_t size = 0;      ///< of the whole disk, bytes
  std::uint64_t esp_size = 0;  ///< bytes
  std::string arch{};
  [[nodiscard]] std::uint64_t esp_begin() const { return 1U << 20; }
  [[nodiscard]] std::uint64_t root_begin() const { return esp_begin() + esp_size; }
  /// The last MiB is the backup table's.
  [[nodiscard]] std::uint64_t root_size() const { return size - root_begin() - (1U << 20); }
};

/// ext4 with the tree below `root` in FILE at `offset`; the file is made or grown, and stays sparse.
Result<void> write_ext4(const Tools& tools, const std::string& root, const std::string& file,
                        std::uint64_t offset, std::uint64_t size, const Ids& ids, const Work& work);

/// systemd's stub, the kernel, its command line and os-release in one EFI program.
struct Unified {
  std::string stub{}, kernel{}, os_release{};  ///< files
  std::string command_line{}, release{};       ///< texts
};
Result<void> write_unified(const Unified& parts, const std::string& file);

/// A FAT file system of `size` bytes with the program where firmware looks for one (EFI/BOOT/BOOTX64.EFI).
Result<void> write_esp(const Tools& tools, const std::string& program, const std::string& arch,
                       std::uint64_t size, const Ids& ids, const std::string& file, const Work& work);

/// A sparse disk with its partition table: the ESP's bytes are copied in, the root's are written by
/// `write_ext4` at `Layout::root_begin`.
Result<void> write_table(const Tools& tools, const Layout& layout, const Ids& ids, const std::string& file,
                         const Work& work);
/// Bytes of FROM into FILE at `offset`; holes stay holes.
Result<void> copy_into(const std::string& from, const std::string& file, std::uint64_t offset);

/// qcow2, compressed with zstd.
Result<void> write_qcow2(const Tools& tools, const std::string& raw, const std::string& file,
                         const Work& work);

}  // namespace photon::images
