#include "images/firstboot/credentials.hpp"

#include "images/firstboot/faults.hpp"
#include "images/firstboot/keys.hpp"
#include "images/firstboot/system.hpp"

namespace photon::first_boot {
namespace {

constexpr std::size_t most_bytes = 1 << 20;  // as much as systemd hands over

Result<std::optional<std::string>> credential(const std::string& folder, const char* name) {
  auto text = read_file(folder + "/" + name, most_bytes);
  if (text) return std::optional(std::move(*text));
  if (text.error().kind == Kind::not_found) return std::nullopt;
  return tl::unexpected(text.error());
}

Result<void> let_in(const Tree& tree, const std::string& text, Journal& journal) {
  auto keys = read_keys(text, "photon.authorized_keys");
  for (const auto& error : keys.bad) journal.warning(error);
  if (keys.good.empty())
    return fail(Kind::usage, "first-boot.keys",
                "the credential photon.authorized_keys holds no public key: nobody is let in",
                "a line of a .pub file each");
  auto user = default_user();
  PHOTON_CHECK(make_user(tree, user, keys.good, journal, user.groups));
  return {};
}

}  // namespace

Result<void> apply_credentials(const Tree& tree, const std::string& folder, Journal& journal) {
  Faults faults(journal);
  PHOTON_TRY(auto keys, credential(folder, "photon.authorized_keys"));
  if (keys) faults.take(let_in(tree, *keys, journal));
  PHOTON_TRY(auto name, credential(folder, "photon.hostname"));
  if (name) {
    while (!name->empty() && (name->back() == '\n' || name->back() == '\r' || name->back() == ' '))
      name->pop_back();
    faults.take(set_host_name(tree, *name, journal));
  }
  return std::move(faults).first();
}

}  // namespace photon::first_boot
