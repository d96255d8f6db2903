#include "images/imager/disk/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"

namespace photon::images {
namespace {

constexpr std::uint64_t sector = 512, MiB = 1 << 20;
// Discoverable Partitions Specification.
constexpr std::string_view type_esp = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
                           type_root_x86_64 = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
                           type_root_aarch64 = "B921B045-1DF0-41C3-AF44-4C6F280D3FAE";
// Bit 59 of that specification: the file system grows to what the partition has, at the first boot.
constexpr std::string_view grows = "GUID:59";

/// RFC 9562, version 8 (our own way of making it): 32 digits of a digest.
std::string uuid_from(const std::string& text) {
  auto digits = sha256_hex(text).substr(0, 32);
  digits[12] = '8';
  digits[16] = "89ab"[(digits[16] >= 'a' ? digits[16] - 'a' + 10 : digits[16] - '0') & 3];
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(12, 4),
                     digits.substr(16, 4), digits.substr(20));
}

Result<void> make_sparse(const std::string& file, std::uint64_t size) {
  PHOTON_TRY(auto fd, open_fd(file, O_WRONLY | O_CREAT, 0644));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("look at " + file, errno);
  if (static_cast<std::uint64_t>(status.st_size) >= size) return {};
  if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) return fail_errno("make " + file, errno);
  return {};
}

std::string boot_name(const std::string& arch) { return arch == "aarch64" ? "BOOTAA64.EFI" : "BOOTX64.EFI"; }

}  // namespace

Ids ids_from(const std::string& key) {
  return {.disk = uuid_from(key + " disk"),
          .esp = uuid_from(key + " esp"),
          .root = uuid_from(key + " root"),
          .file_system = uuid_from(key + " ext4"),
          .volume = sha256_hex(key + " volume").substr(0, 8)};
}

Result<void> write_ext4(const Tools& tools, const std::string& root, const std::string& file,
                        std::uint64_t offset, std::uint64_t size, const Ids& ids, const Work& work) {
  PHOTON_CHECK(make_sparse(file, offset + size));
  // The file is new and full of zeros, so neither tables nor journal need be written; a journal of 64 MiB is
  // what a disk of 16 GiB gets, and enough for larger ones.
  auto extended = fmt::format("offset={},hash_seed={},root_owner=0:0,assume_storage_prezeroed=1", offset,
                              ids.file_system);
  return run_tool(tools, "/usr/sbin/mke2fs",
                  {"-q", "-t", "ext4", "-b", "4096", "-m", "1", "-J", "size=64", "-L", "photon", "-U",
                   ids.file_system, "-E", extended, "-d", root, file, fmt::format("{}k", size / 1024)},
                  work)
      .map([](const std::string&) {});
}

Result<void> write_esp(const Tools& tools, const std::string& program, const std::string& arch,
                       std::uint64_t size, const Ids& ids, const std::string& file, const Work& work) {
  struct stat status{};
  if (::stat(program.c_str(), &status) != 0) return fail_errno("look at " + program, errno);
  if (static_cast<std::uint64_t>(status.st_size) + 2 * MiB > size)
    return fail(Kind::usage, "image.esp",
                fmt::format("the kernel image of {} MiB does not fit an ESP of {} MiB",
                            status.st_size / static_cast<std::int64_t>(MiB), size / MiB),
                "[disk] esp in the definition");
  PHOTON_CHECK(make_sparse(file, size));
  PHOTON_CHECK(run_tool(tools, "/usr/sbin/mkfs.fat",
                        {"--invariant", "-F", "32", "-n", "ESP", "-i", ids.volume, file}, work));
  PHOTON_CHECK(run_tool(tools, "/usr/bin/mmd", {"-i", file, "::/EFI", "::/EFI/BOOT"}, work));
  return run_tool(tools, "/usr/bin/mcopy", {"-i", file, program, "::/EFI/BOOT/" + boot_name(arch)}, work)
      .map([](const std::string&) {});
}

Result<void> write_table(const Tools& tools, const Layout& layout, const Ids& ids, const std::string& file,
                         const Work& work) {
  PHOTON_CHECK(make_sparse(file, layout.size));
  auto script = fmt::format(
      "label: gpt\nlabel-id: {}\nunit: sectors\nfirst-lba: 2048\n"
      "start={}, size={}, type={}, uuid={}, name=\"esp\"\n"
      "start={}, size={}, type={}, uuid={}, name=\"root\", attrs=\"{}\"\n",
      ids.disk, layout.esp_begin() / sector, layout.esp_size / sector, type_esp, ids.esp,
      layout.root_begin() / sector, layout.root_size() / sector,
      layout.arch == "aarch64" ? type_root_aarch64 : type_root_x86_64, ids.root, grows);
  return run_tool(tools, "/usr/sbin/sfdisk",
                  {"--quiet", "--no-reread", "--no-tell-kernel", "--lock=no", file}, work, script)
      .map([](const std::string&) {});
}

Result<void> copy_into(const std::string& from, const std::string& file, std::uint64_t offset) {
  PHOTON_TRY(auto in, open_fd(from, O_RDONLY));
  PHOTON_TRY(auto out, open_fd(file, O_WRONLY));
  for (off_t begin = 0; (begin = ::lseek(in.get(), begin, SEEK_DATA)) >= 0;) {
    auto end = ::lseek(in.get(), begin, SEEK_HOLE);
    auto to = static_cast<off_t>(offset) + begin;
    while (begin < end) {
      auto copied =
          ::copy_file_range(in.get(), &begin, out.get(), &to, static_cast<std::size_t>(end - begin), 0);
      if (copied <= 0) return fail_errno("copy " + from, copied < 0 ? errno : EIO);
    }
  }
  if (errno != ENXIO) return fail_errno("read " + from, errno);
  return {};
}

Result<void> write_qcow2(const Tools& tools, const std::string& raw, const std::string& file,
                         const Work& work) {
  return run_program(tools,
                     {"qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", "-o", "compression_type=zstd",
                      raw, file},
                     work)
      .map([](const std::string&) {});
}

}  // namespace photon::images
