// The signing key in use: a private GnuPG home whose agent is started by us and ended by us.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/fd.hpp"
#include "devenv/core/process.hpp"
#include "packages/forge/publish/publish.hpp"

namespace photon::forge {

/// While it lives nobody else signs with the key, for its agent is ended with it.
class Gnupg {
 public:
  /// `home` is a GnuPG home; a lock beside it keeps others out. A long path gets a short name below TMPDIR:
  /// the agent's socket has to fit 107 characters.
  static Result<Gnupg> open(const std::string& home, const Work& work);
  Gnupg(Gnupg&& other) noexcept = default;
  Gnupg& operator=(Gnupg&&) = delete;
  ~Gnupg();

  [[nodiscard]] const std::string& home() const { return home_; }
  /// gpg without questions; a status other than zero is failed "publish.gpg" with what it said.
  Result<std::string> run(std::vector<std::string> arguments, std::string_view input, const Work& work) const;
  /// Ours is not asked for anything: neither the user's settings nor terminal take part.
  [[nodiscard]] Command command(std::vector<std::string> argv) const;

 private:
  Gnupg(Fd lock, std::string home, std::string link)
      : lock_(std::move(lock)), home_(std::move(home)), link_(std::move(link)) {}
  Fd lock_;
  std::string home_;
  std::string link_;  ///< the folder of the short name, or empty
};

/// The GnuPG home of a key that `ensure_key` made.
std::string gnupg_home(const SigningKey& key);

}  // namespace photon::forge
