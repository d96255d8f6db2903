#include "devenv/environment/secrets.hpp"

#include <unistd.h>

#include <boost/json/object.hpp>

#include "devenv/core/derived.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/environment/base.hpp"

namespace photon::environment {
namespace {

/// Together with names: they travel with all other variables in one message of 64 KiB.
constexpr std::size_t most_bytes = 32 << 10;

/// Not in the environment's own folder there, which is mounted at /run/devenv inside.
std::string folder_of(const Paths& paths) { return paths.runtime + "/secrets"; }
std::string file_of(const Paths& paths, const std::string& id) { return folder_of(paths) + "/" + id; }

}  // namespace

Result<Secrets> kept_secrets(const Paths& paths, const std::string& id) {
  Secrets kept;
  auto text = read_file(file_of(paths, id), 4 * most_bytes);
  if (!text && text.error().kind == Kind::not_found) return kept;
  if (!text) return tl::unexpected(std::move(text.error()));
  auto value = parse_json(*text, "what was kept");
  // Half a file after a full disk: as if nothing had been kept.
  if (!value || !value->is_object()) return kept;
  for (const auto& [name, item] : value->get_object())
    if (item.is_string()) kept[name] = Secret(std::string(item.get_string()));
  return kept;
}

Result<void> keep_secrets(const Paths& paths, const std::string& id, const Secrets& secrets) {
  json::object object;
  std::size_t bytes = 0;
  for (const auto& [name, secret] : secrets) {
    bytes += name.size() + secret.reveal().size();
    object[name] = secret.reveal();
  }
  if (bytes > most_bytes)
    return fail(Kind::usage, "environment.secrets-size",
                fmt::format("the secrets are more than {} KiB together", most_bytes >> 10),
                "keep what is large in a file of a volume");
  PHOTON_CHECK(make_directories(folder_of(paths), 0700));
  return write_derived(file_of(paths, id), write_json(object), 0600);
}

void forget_secrets(const Paths& paths, const std::string& id) { ::unlink(file_of(paths, id).c_str()); }

std::vector<spec::DeclaredSecret> missing_of(const std::vector<spec::DeclaredSecret>& declared,
                                             const Secrets& secrets) {
  auto missing = declared;
  std::erase_if(missing, [&](const auto& one) { return secrets.contains(one.name); });
  return missing;
}

Error asks_for(const std::vector<spec::DeclaredSecret>& missing, const std::string& label,
               const std::string& source) {
  // `shown` leaves no tab and no end of line in another person's words.
  std::string hint;
  for (const auto& one : missing)
    hint +=
        fmt::format("{}\t{}\t{}\n", one.name, shown(one.description, 400), shown(one.documentation_url, 400));
  hint += fmt::format("devenv up --secrets-file FILE {} gives them", source);
  const bool one = missing.size() == 1;
  return fail(Kind::needs_confirmation, "environment.secrets",
              fmt::format("{} asks for {}", label,
                          one ? std::string("a secret") : fmt::format("{} secrets", missing.size())),
              std::move(hint))
      .value();
}

std::string not_given(const std::vector<spec::DeclaredSecret>& missing, const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& one : missing) names.push_back(one.name);
  return fmt::format("secrets that were not given: {}; devenv up --secrets-file FILE {} gives them",
                     fmt::join(names, ", "), name);
}

Result<Secrets> settle_secrets(const Paths& paths, Record& record, const spec::Plan& plan,
                               const UpRequest& request) {
  if (request.secrets.empty()) return request.hooks.secrets;
  PHOTON_TRY(auto secrets, kept_secrets(paths, record.id));
  const bool asks = request.secrets == "asked";
  // Whoever begins anew may have thought about it.
  if (asks && request.recreate) std::erase_if(secrets, [](const auto& one) { return one.second.empty(); });
  for (const auto& [name, secret] : request.hooks.secrets) secrets[name] = secret;
  auto missing = missing_of(plan.secrets, secrets);
  if (!missing.empty() && asks) return tl::unexpected(asks_for(missing, record.label, record.source));
  if (!missing.empty()) warn(record, not_given(missing, record.name));
  if (!request.hooks.secrets.empty()) PHOTON_CHECK(keep_secrets(paths, record.id, secrets));
  std::erase_if(secrets, [](const auto& one) { return one.second.empty(); });
  return secrets;
}

void put_secrets(std::vector<std::string>& env, const Secrets& secrets) {
  for (const auto& [name, secret] : secrets) {
    if (secret.empty()) continue;
    std::erase_if(env, [&](const auto& before) { return before.starts_with(fmt::format("{}=", name)); });
    env.push_back(fmt::format("{}={}", name, secret.reveal()));
  }
}

}  // namespace photon::environment
