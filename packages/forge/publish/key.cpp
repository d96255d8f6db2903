#include "packages/forge/publish/key.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "devenv/core/checkpoint.hpp"
#include "packages/forge/publish/lock.hpp"

namespace photon::forge {
namespace {

// The sockets' names below the home take up to 24 characters of sun_path's 107.
constexpr std::size_t longest_home = 80;
constexpr std::string_view user_id = "Photon Workstation packages (this machine)";

bool is_fingerprint(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

/// The fingerprint of the first key in gpg's colon format.
std::string fingerprint_in(std::string_view listing) {
  auto at = listing.find("\nfpr:");
  if (at == std::string_view::npos) return {};
  auto line = listing.substr(at + 1, listing.find('\n', at + 1) - at - 1);
  auto end = line.rfind(':');
  auto begin = end == std::string_view::npos ? end : line.rfind(':', end - 1);
  return begin == std::string_view::npos ? std::string()
                                         : std::string(line.substr(begin + 1, end - begin - 1));
}

/// What an earlier set-up made: nothing if there is none.
Result<std::optional<SigningKey>> find_key(const std::string& folder) {
  auto made = folder + "/signing";
  if (::access(made.c_str(), F_OK) != 0) return std::optional<SigningKey>();
  PHOTON_TRY(auto fingerprint, read_file(made + "/fingerprint", 64));
  PHOTON_TRY(auto public_key, read_file(made + "/public.asc", 1 << 20));
  if (!is_fingerprint(fingerprint) || !public_key.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----"))
    return fail(Kind::corrupt, "publish.key", "the signing key in " + made + " is damaged",
                "put back a copy of that folder, or remove it to have a new key, which every machine that "
                "installs from here must then trust");
  return SigningKey{folder, std::move(fingerprint), std::move(public_key)};
}

// RSA, for it is the one kind that rpm 4.18 (own parser), rpm 4.20 (Sequoia), dnf and zypper (GnuPG) all
// verify under each policy that distributions set.
Result<void> make_key(const std::string& home, const std::string& beside, const Work& work) {
  PHOTON_CHECK(make_directories(home, 0700));
  PHOTON_TRY(auto gnupg, Gnupg::open(home, work));
  PHOTON_CHECK(gnupg.run(
      {"--passphrase", "", "--quick-generate-key", std::string(user_id), "rsa4096", "sign", "never"}, {},
      work));
  PHOTON_TRY(auto listing, gnupg.run({"--with-colons", "--list-keys"}, {}, work));
  auto fingerprint = fingerprint_in(listing);
  if (!is_fingerprint(fingerprint))
    return fail(Kind::failed, "publish.gpg", "gpg made a key but does not name it");
  PHOTON_TRY(auto armoured, gnupg.run({"--armor", "--export", fingerprint}, {}, work));
  PHOTON_CHECK(write_file(beside + "/public.asc", armoured, 0644));
  return write_file(beside + "/fingerprint", fingerprint, 0644);
}

}  // namespace

Result<Gnupg> Gnupg::open(const std::string& home, const Work& work) {
  if (!find_program("gpg") || !find_program("gpgconf"))
    return fail(Kind::unavailable, "publish.gpg", "GnuPG is not installed", "./photon setup installs it");
  PHOTON_TRY(auto lock, lock_file(home + ".lock", work));
  if (home.size() <= longest_home) return Gnupg(std::move(lock), home, {});
  auto link = std::filesystem::temp_directory_path().string() + "/photon-key-XXXXXX";
  if (link.size() > longest_home) link = "/tmp/photon-key-XXXXXX";
  if (::mkdtemp(link.data()) == nullptr) return fail_errno("make " + link, errno);
  if (::symlink(home.c_str(), (link + "/home").c_str()) < 0) {
    auto error = errno;
    ::rmdir(link.c_str());
    return fail_errno("link " + link, error);
  }
  return Gnupg(std::move(lock), link + "/home", link);
}

Gnupg::~Gnupg() {
  if (!lock_) return;
  (void)photon::run(command({"gpgconf", "--kill", "all"}), {}, std::chrono::seconds(10));
  if (link_.empty()) return;
  ::unlink((link_ + "/home").c_str());
  ::rmdir(link_.c_str());
}

Command Gnupg::command(std::vector<std::string> argv) const {
  std::map<std::string, std::string> environment = {
      {"GNUPGHOME", home_}, {"HOME", home_}, {"LC_ALL", "C.UTF-8"}};
  for (const char* name : {"PATH", "TMPDIR"})
    if (const char* value = std::getenv(name)) environment.emplace(name, value);
  return {.argv = std::move(argv), .environment = std::move(environment)};
}

Result<std::string> Gnupg::run(std::vector<std::string> arguments, std::string_view input,
                               const Work& work) const {
  std::vector<std::string> argv = {"gpg",     "--batch",         "--yes",   "--no-tty",
                                   "--quiet", "--pinentry-mode", "loopback"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  PHOTON_TRY(auto output, photon::run(command(std::move(argv)), input, std::chrono::minutes(5), work.stop));
  if (output.status == 0) return output.out;
  if (output.err.find("No space left") != std::string::npos)
    return fail(Kind::no_space, "publish.space", "gpg cannot write to " + home_ + ": the disk is full");
  return fail(
      Kind::failed, "publish.gpg",
      fmt::format("gpg ended with {}: {}", output.status, output.err.substr(0, output.err.find('\n'))));
}

std::string gnupg_home(const SigningKey& key) { return key.folder + "/signing/gnupg"; }

std::string default_key_folder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data == '/')
    return std::string(data) + "/photon/keys";
  const char* home = std::getenv("HOME");
  return std::string(home && *home ? home : "/root") + "/.local/share/photon/keys";
}

Result<SigningKey> ensure_key(const std::string& folder, const Work& work) {
  PHOTON_TRY(auto there, find_key(folder));
  if (there) return *std::move(there);
  PHOTON_CHECK(make_directories(folder, 0700));
  PHOTON_TRY(auto lock, lock_file(folder + "/.lock", work));
  PHOTON_TRY(there, find_key(folder));
  if (there) return *std::move(there);
  // Made aside and given its name when it is whole; what a killed set-up left goes.
  auto making = folder + "/making";
  PHOTON_CHECK(remove_tree(making));
  work.report({.step = "key", .subject = folder, .detail = "making the key that signs packages"});
  PHOTON_CHECK(make_key(making + "/gnupg", making, work));
  checkpoint("key.made");
  if (::rename(making.c_str(), (folder + "/signing").c_str()) < 0)
    return fail_errno("make " + folder + "/signing", errno);
  work.report({.step = "key", .subject = folder, .finished = true});
  PHOTON_TRY(there, find_key(folder));
  if (!there) return fail(Kind::internal, "publish.key", "the key that was just made is not there");
  return *std::move(there);
}

}  // namespace photon::forge
