#include "packages/rpm/framing.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>

namespace photon::rpm {
namespace {

constexpr std::size_t lead_size = 96, intro_size = 16, entry_size = 16;
// The largest header seen in a distribution (a kernel's sources) is below 20 MiB.
constexpr std::uint64_t most_entries = 4096, most_data = 64 << 20;
constexpr std::uint32_t tag_size = 1000, tag_long_size = 270, type_int32 = 4, type_int64 = 5;

std::uint32_t big(const unsigned char* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

struct Reader {
  int fd;
  const std::string& path;
  std::uint64_t size;

  Result<void> read(std::uint64_t at, unsigned char* into, std::size_t length) const {
    if (at > size || length > size - at) return truncated();
    for (std::size_t done = 0; done < length;) {
      auto got = ::pread(fd, into + done, length - done, static_cast<off_t>(at + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail_errno("read " + path, errno);
      if (got == 0) return truncated();
      done += static_cast<std::size_t>(got);
    }
    return {};
  }
  [[nodiscard]] tl::unexpected<Error> truncated() const {
    return fail_at({path}, Kind::corrupt, "rpm.truncated", "the RPM ends too early", "fetch it again");
  }
  [[nodiscard]] tl::unexpected<Error> bad(const char* what) const {
    return fail_at({path}, Kind::corrupt, "rpm.format", what, "fetch it again from a source that you trust");
  }
};

struct Section {
  std::uint64_t entries = 0, data = 0;
  [[nodiscard]] std::uint64_t length() const { return intro_size + entries * entry_size + data; }
};

Result<Section> read_section(const Reader& reader, std::uint64_t at) {
  std::array<unsigned char, intro_size> intro{};
  PHOTON_CHECK(reader.read(at, intro.data(), intro.size()));
  if (std::memcmp(intro.data(), "\x8e\xad\xe8\x01", 4) != 0)
    return reader.bad("the RPM's header is no header");
  Section section{big(intro.data() + 8), big(intro.data() + 12)};
  if (section.entries == 0 || section.entries > most_entries || section.data > most_data)
    return reader.bad("the RPM's header states a size that no package has");
  if (at + section.length() > reader.size) return reader.truncated();
  return section;
}

Result<std::uint64_t> stated_size(const Reader& reader, std::uint64_t at, const Section& section) {
  auto data = at + intro_size + section.entries * entry_size;
  for (std::uint64_t i = 0; i < section.entries; ++i) {
    std::array<unsigned char, entry_size> entry{};
    PHOTON_CHECK(reader.read(at + intro_size + i * entry_size, entry.data(), entry.size()));
    auto tag = big(entry.data()), type = big(entry.data() + 4), offset = big(entry.data() + 8);
    bool wide = tag == tag_long_size && type == type_int64;
    if (!wide && !(tag == tag_size && type == type_int32)) continue;
    if (std::uint64_t{offset} + (wide ? 8 : 4) > section.data)
      return reader.bad("the RPM's signature header points outside of itself");
    std::array<unsigned char, 8> value{};
    PHOTON_CHECK(reader.read(data + offset, value.data(), wide ? 8 : 4));
    return wide ? std::uint64_t{big(value.data())} << 32 | big(value.data() + 4) : big(value.data());
  }
  return 0;
}

}  // namespace

Result<Framing> read_framing(int fd, const std::string& path) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return fail_errno("stat " + path, errno);
  Reader reader{fd, path, static_cast<std::uint64_t>(status.st_size)};
  if (!S_ISREG(status.st_mode)) return reader.bad("this is no file");
  std::array<unsigned char, lead_size> lead{};
  if (reader.size >= 4) {
    PHOTON_CHECK(reader.read(0, lead.data(), 4));
    if (std::memcmp(lead.data(), "\xed\xab\xee\xdb", 4) != 0) return reader.bad("this is no RPM");
  }
  PHOTON_CHECK(reader.read(0, lead.data(), lead.size()));
  PHOTON_TRY(auto signature, read_section(reader, lead_size));
  Framing framing{.size = reader.size};
  framing.header = lead_size + (signature.length() + 7) / 8 * 8;
  PHOTON_TRY(auto main, read_section(reader, framing.header));
  framing.payload = framing.header + main.length();
  PHOTON_TRY(framing.stated, stated_size(reader, lead_size, signature));
  if (framing.stated > framing.size - framing.header) return reader.truncated();
  if (framing.stated != 0 && framing.stated < framing.size - framing.header)
    return reader.bad("bytes follow the RPM's payload");
  return framing;
}

}  // namespace photon::rpm
