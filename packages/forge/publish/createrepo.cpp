#include "packages/forge/publish/createrepo.hpp"

#include <mutex>

namespace photon::forge {

void start_createrepo() {
  static std::once_flag once;
  std::call_once(once, [] {
    cr_xml_dump_init();
    cr_package_parser_init();
  });
}

tl::unexpected<Error> createrepo_failed(const std::string& what, const CrFault& fault) {
  return fail(Kind::failed, "publish.metadata",
              fmt::format("{}: {}", what, fault ? fault->message : "unknown"));
}

}  // namespace photon::forge
