#include "packages/rpm/package.hpp"

#include <fcntl.h>
#include <algorithm>
#include <cstdlib>
#include <unordered_set>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "packages/rpm/framing.hpp"
#include "packages/rpm/librpm.hpp"

namespace photon::rpm {
namespace {

std::string text_of(::Header header, rpmTag tag) {
  const char* text = headerGetString(header, tag);
  return text ? text : "";
}

// rpm's own features ("rpmlib(...)") are for rpm alone to check; everything else is kept, each once.
std::vector<std::string> dependencies(::Header header, rpmTag tag) {
  std::vector<std::string> texts;
  std::unordered_set<std::string> seen;
  DependenciesHandle set(rpmdsNew(header, tag, 0));
  for (rpmdsInit(set.get()); set && rpmdsNext(set.get()) >= 0;) {
    if (rpmdsFlags(set.get()) & RPMSENSE_RPMLIB) continue;
    const char* text = rpmdsDNEVR(set.get());  // "R glibc >= 2.41"
    if (text && text[0] && text[1] && seen.insert(text + 2).second) texts.emplace_back(text + 2);
  }
  return texts;
}

std::string hex(const unsigned char* bytes, std::size_t length) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; bytes && i < length; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

std::vector<File> files_of(::Header header) {
  std::vector<File> result;
  FilesHandle files(rpmfilesNew(nullptr, header, RPMTAG_BASENAMES, RPMFI_NOHEADER));
  int count = static_cast<int>(rpmfilesFC(files.get()));
  result.reserve(static_cast<std::size_t>(std::max(count, 0)));
  auto text = [](const char* value) { return std::string(value ? value : ""); };
  for (int i = 0; i < count; ++i) {
    File file;
    std::unique_ptr<char, decltype(&std::free)> name(rpmfilesFN(files.get(), i), std::free);
    file.path = text(name.get());
    file.mode = static_cast<std::uint16_t>(rpmfilesFMode(files.get(), i));
    file.size = rpmfilesFSize(files.get(), i);
    file.user = text(rpmfilesFUser(files.get(), i));
    file.group = text(rpmfilesFGroup(files.get(), i));
    file.link = text(rpmfilesFLink(files.get(), i));
    file.flags = rpmfilesFFlags(files.get(), i);
    int algorithm = 0;
    std::size_t length = 0;
    const auto* digest = rpmfilesFDigest(files.get(), i, &algorithm, &length);
    if (length == 32 && std::any_of(digest, digest + length, [](auto byte) { return byte != 0; }))
      file.digest = hex(digest, length);
    result.push_back(std::move(file));
  }
  return result;
}

// The region that signing leaves alone, as rpm sums it: with the magic that files have before it.
std::string digest_of_header(::Header header) {
  struct Data {
    rpmtd data = rpmtdNew();
    Data() = default;
    Data(const Data&) = delete;
    Data& operator=(const Data&) = delete;
    ~Data() {
      rpmtdFreeData(data);
      rpmtdFree(data);
    }
  } region;
  if (!headerGet(header, RPMTAG_HEADERIMMUTABLE, region.data, HEADERGET_DEFAULT)) return {};
  Sha256 sum;
  sum.update({reinterpret_cast<const char*>(rpm_header_magic), sizeof rpm_header_magic});
  sum.update({static_cast<const char*>(region.data->data), region.data->count});
  return sum.hex();
}

std::string payload_digest(::Header header) {
  struct rpmtd_s data{};
  if (!headerGet(header, RPMTAG_PAYLOADDIGEST, &data, HEADERGET_MINMEM)) return {};
  const char* text = rpmtdGetString(&data);
  std::string digest = text ? text : "";
  rpmtdFreeData(&data);
  return digest;
}

}  // namespace

Result<HeaderHandle> read_header(const std::string& path) {
  PHOTON_CHECK(start_librpm());
  auto fd = open_fd(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  if (!fd) return tl::unexpected(std::move(fd).error());
  PHOTON_CHECK(read_framing(fd->get(), path));
  auto outside = outside_of_fork();
  Messages messages;
  TransactionHandle set(rpmtsCreate());
  rpmtsSetVSFlags(set.get(), RPMVSF_MASK_NOSIGNATURES | RPMVSF_NEEDPAYLOAD);
  FileHandle file(fdDup(fd->get()));
  ::Header raw = nullptr;
  auto status = file ? rpmReadPackageFile(set.get(), file.get(), path.c_str(), &raw) : RPMRC_FAIL;
  HeaderHandle header(raw);
  // NOKEY and NOTTRUSTED speak of signatures, which are another step's.
  if (!header || (status != RPMRC_OK && status != RPMRC_NOKEY && status != RPMRC_NOTTRUSTED)) {
    auto why = messages.last();
    return fail_at({path}, Kind::corrupt, "rpm.format",
                   why.empty() ? "the RPM's header is damaged" : "the RPM's header is damaged: " + why,
                   "fetch it again from a source that you trust");
  }
  return header;
}

Result<Package> read_package(const std::string& path) {
  PHOTON_TRY(auto owned, read_header(path));
  auto* header = owned.get();
  Package package;
  package.path = path;
  package.nevra.name = text_of(header, RPMTAG_NAME);
  package.nevra.evr = {.version = text_of(header, RPMTAG_VERSION),
                       .release = text_of(header, RPMTAG_RELEASE)};
  if (headerIsEntry(header, RPMTAG_EPOCH))
    package.nevra.evr.epoch = std::to_string(headerGetNumber(header, RPMTAG_EPOCH));
  package.nevra.arch = headerIsSource(header) ? "src" : text_of(header, RPMTAG_ARCH);
  if (package.nevra.name.empty() || package.nevra.evr.version.empty() || package.nevra.arch.empty())
    return fail_at({path}, Kind::corrupt, "rpm.format", "the RPM lacks a name, a version or an architecture");
  package.summary = text_of(header, RPMTAG_SUMMARY);
  package.description = text_of(header, RPMTAG_DESCRIPTION);
  package.license = text_of(header, RPMTAG_LICENSE);
  package.url = text_of(header, RPMTAG_URL);
  package.vendor = text_of(header, RPMTAG_VENDOR);
  package.group = text_of(header, RPMTAG_GROUP);
  package.source_rpm = text_of(header, RPMTAG_SOURCERPM);
  package.installed_size =
      headerGetNumber(header, headerIsEntry(header, RPMTAG_LONGSIZE) ? RPMTAG_LONGSIZE : RPMTAG_SIZE);
  package.build_time = static_cast<std::int64_t>(headerGetNumber(header, RPMTAG_BUILDTIME));
  package.provides = dependencies(header, RPMTAG_PROVIDENAME);
  package.needs = dependencies(header, RPMTAG_REQUIRENAME);
  package.conflicts = dependencies(header, RPMTAG_CONFLICTNAME);
  package.obsoletes = dependencies(header, RPMTAG_OBSOLETENAME);
  package.recommends = dependencies(header, RPMTAG_RECOMMENDNAME);
  package.suggests = dependencies(header, RPMTAG_SUGGESTNAME);
  package.supplements = dependencies(header, RPMTAG_SUPPLEMENTNAME);
  package.enhances = dependencies(header, RPMTAG_ENHANCENAME);
  package.files = files_of(header);
  package.header_digest = digest_of_header(header);
  package.payload_digest = payload_digest(header);
  return package;
}

}  // namespace photon::rpm
