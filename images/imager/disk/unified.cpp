// A unified kernel image: sections appended to systemd's stub, a PE program (Microsoft's "PE Format";
// uapi-group.org's "Unified Kernel Image" names the sections). Nothing but the stub's headers is read.
#include <algorithm>
#include <array>
#include <cstring>

#include "devenv/core/fd.hpp"
#include "images/imager/disk/disk.hpp"

namespace photon::images {
namespace {

constexpr std::size_t section_size = 40, largest = 512 << 20;
constexpr std::uint32_t readable_data = 0x40000040;  // IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ

class Program {
 public:
  explicit Program(std::string bytes) : bytes_(std::move(bytes)), good_(find_headers()) {}
  [[nodiscard]] bool good() const { return good_; }

  /// False where the headers have no room for one more section.
  bool append(std::string_view name, const std::string& data) {
    auto count = get<std::uint16_t>(coff_ + 2);
    auto header = table_ + count * section_size;
    if (header + section_size > first_data_) return false;
    std::uint32_t virtual_end = 0;
    for (std::size_t i = 0; i < count; ++i) {
      auto at = table_ + i * section_size;
      virtual_end = std::max(virtual_end, get<std::uint32_t>(at + 12) + get<std::uint32_t>(at + 8));
    }
    auto address = aligned(virtual_end, get<std::uint32_t>(optional_ + 32));
    bytes_.resize(aligned(bytes_.size(), get<std::uint32_t>(optional_ + 36)));
    auto place = bytes_.size();
    bytes_ += data;
    bytes_.resize(aligned(bytes_.size(), get<std::uint32_t>(optional_ + 36)));
    std::memset(&bytes_[header], 0, section_size);
    std::memcpy(&bytes_[header], name.data(), std::min<std::size_t>(name.size(), 8));
    put(header + 8, static_cast<std::uint32_t>(data.size()));
    put(header + 12, static_cast<std::uint32_t>(address));
    put(header + 16, static_cast<std::uint32_t>(bytes_.size() - place));
    put(header + 20, static_cast<std::uint32_t>(place));
    put(header + 36, readable_data);
    put(coff_ + 2, static_cast<std::uint16_t>(count + 1));
    auto end = aligned(address + data.size(), get<std::uint32_t>(optional_ + 32));
    put(optional_ + 56, static_cast<std::uint32_t>(end));  // SizeOfImage
    put(optional_ + 64, std::uint32_t{0});                 // CheckSum: firmware asks for none
    return true;
  }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  template <class T>
  [[nodiscard]] T get(std::size_t at) const {
    T value{};
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return value;
  }
  template <class T>
  void put(std::size_t at, T value) {
    std::memcpy(&bytes_[at], &value, sizeof value);
  }
  static std::size_t aligned(std::size_t value, std::size_t to) { return (value + to - 1) / to * to; }

  bool find_headers() {
    if (bytes_.size() < 1024 || !bytes_.starts_with("MZ")) return false;
    std::size_t signature = get<std::uint32_t>(0x3c);
    if (signature > bytes_.size() - 512 || std::memcmp(&bytes_[signature], "PE\0\0", 4) != 0) return false;
    coff_ = signature + 4;
    optional_ = coff_ + 20;
    std::size_t optional_size = get<std::uint16_t>(coff_ + 16), count = get<std::uint16_t>(coff_ + 2);
    if (optional_size < 112 || get<std::uint16_t>(optional_) != 0x20b) return false;
    table_ = optional_ + optional_size;
    first_data_ = get<std::uint32_t>(optional_ + 60);
    if (count == 0 || table_ + count * section_size > first_data_ || first_data_ > bytes_.size())
      return false;
    auto power = [](std::uint32_t n) { return n >= 16 && n <= 1U << 20 && (n & (n - 1)) == 0; };
    return power(get<std::uint32_t>(optional_ + 32)) && power(get<std::uint32_t>(optional_ + 36));
  }

  std::string bytes_;
  std::size_t coff_ = 0, optional_ = 0, table_ = 0, first_data_ = 0;
  bool good_ = false;  // the last: it is found out from the others
};

}  // namespace

Result<void> write_unified(const Unified& parts, const std::string& file) {
  PHOTON_TRY(auto stub, read_file(parts.stub, largest));
  Program program(std::move(stub));
  if (!program.good())
    return fail(Kind::corrupt, "image.stub", parts.stub + " is no EFI program of 64 bits",
                "the package systemd-boot-stub has to be installed anew");
  PHOTON_TRY(auto kernel, read_file(parts.kernel, largest));
  PHOTON_TRY(auto os_release, read_file(parts.os_release));
  const std::array<std::pair<std::string_view, const std::string*>, 4> sections{
      {{".osrel", &os_release},
       {".cmdline", &parts.command_line},
       {".uname", &parts.release},
       {".linux", &kernel}}};
  for (const auto& [name, data] : sections)
    if (!program.append(name, *data))
      return fail(Kind::corrupt, "image.stub", parts.stub + " has no room for another section");
  return write_file(file, program.bytes(), 0644);
}

}  // namespace photon::images
