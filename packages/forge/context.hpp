// What a command's `run` gets: its arguments, where the recipes lie, the store, and where to write.
#pragma once
#include <memory>

#include "devenv/command/session.hpp"
#include "packages/forge/build/build.hpp"

namespace photon::forge {

class Context : public command::Session {
 public:
  using Session::Session;

  /// --packages, else the folder `packages` (with specs/ in it) of this folder or one above it.
  [[nodiscard]] Result<std::string> packages() const;
  /// --arch, else this machine's.
  [[nodiscard]] Result<std::string> arch() const;
  /// --jobs, else one a processor that we may use.
  [[nodiscard]] Result<unsigned> jobs() const;
  Result<Store*> store();
  /// For the library's calls: from --packages, --arch, --jobs.
  Result<BuildOptions> build_options();

 private:
  std::unique_ptr<Store> store_;
};

using command::Shown;

/// What recipes may ask for beside each other: the names of imports; none where the folder has no imports.
Result<std::vector<std::string>> import_names(Context& context, const std::string& packages,
                                              const std::string& arch);

}  // namespace photon::forge
