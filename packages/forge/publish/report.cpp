#include "packages/forge/publish/report.hpp"

#include <fcntl.h>
#include <rpm/rpmdb.h>
#include <unistd.h>

#include <algorithm>

#include "packages/forge/publish/generation.hpp"
#include "packages/rpm/librpm.hpp"
#include "packages/rpm/transaction.hpp"

namespace photon::forge {
namespace {

using Iterator = Handle<std::remove_pointer_t<rpmdbMatchIterator>, rpmdbFreeIterator>;

Result<std::vector<ReportLine>> installed_below(const std::string& root) {
  PHOTON_CHECK(rpm::start_librpm());
  rpm::Messages messages;
  rpm::TransactionHandle set(rpmtsCreate());
  rpmtsSetVSFlags(set.get(), RPMVSF_MASK_NOSIGNATURES);
  if (rpmtsSetRootDir(set.get(), root.c_str()) != 0 || rpmtsOpenDB(set.get(), O_RDONLY) != 0)
    return fail(Kind::corrupt, "rpm.database",
                fmt::format("the package database below {} cannot be read: {}", root, messages.last()));
  std::vector<ReportLine> lines;
  Iterator each(rpmtsInitIterator(set.get(), RPMDBI_PACKAGES, nullptr, 0));
  while (auto* header = rpmdbNextIterator(each.get())) {
    const char* name = headerGetString(header, RPMTAG_NAME);
    const char* who = headerGetString(header, RPMTAG_VENDOR);
    if (!name || std::string_view(name) == "gpg-pubkey") continue;
    auto ours = who && std::string_view(who) == vendor;
    lines.push_back({name, ours ? Origin::source : Origin::import, headerGetNumber(header, RPMTAG_LONGSIZE)});
  }
  return lines;
}

}  // namespace

Result<Share> report(const std::string& path) {
  Share share;
  if (::access((path + "/repodata").c_str(), F_OK) == 0) {
    PHOTON_TRY(auto generation, read_generation(path + "/repodata"));
    for (const auto& member : generation->members)
      share.packages.push_back({member.name, member.origin, member.installed});
  } else if (::access((path + std::string(rpm::database_folder)).c_str(), F_OK) == 0) {
    PHOTON_TRY(share.packages, installed_below(path));
  } else {
    return fail(Kind::not_found, "report.nothing", path + " is neither a repository nor a root with packages",
                "give the folder that holds repodata, or the one that holds usr");
  }
  std::sort(share.packages.begin(), share.packages.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const auto& line : share.packages) {
    share.bytes += line.bytes;
    if (line.origin == Origin::import) continue;
    ++share.from_source;
    share.bytes_from_source += line.bytes;
  }
  return share;
}

}  // namespace photon::forge
