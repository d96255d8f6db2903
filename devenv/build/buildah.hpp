// The program buildah: its settings in the scratch folder of a run, its temporary files on the disk.
#pragma once
#include <functional>

#include "devenv/build/build.hpp"

namespace photon::build {

using Words = std::vector<std::string>;
using Line = std::function<void(std::string_view)>;

class Buildah {
 public:
  /// Both outlive it.
  Buildah(const Site& site, const std::stop_token& stop) : site_(site), stop_(stop) {}

  /// First: settings, logins and certificates for what is fetched from these.
  Result<void> write_settings(const std::vector<std::string>& registries);
  /// A file that it sees as /scratch/NAME.
  [[nodiscard]] Result<void> put(const std::string& name, std::string_view text) const;
  /// Its exit status. `context` is an open folder, -1 = none.
  [[nodiscard]] Result<int> run(Words words, int context, const Line& line) const;
  /// For what has nothing to tell but why it failed.
  [[nodiscard]] Result<void> run_quietly(Words words, const std::string& what) const;

  /// For what this run alone needs: below the site's `data`, which it sees as /storage.
  [[nodiscard]] std::string work_folder() const { return "work/" + site_.id; }

 private:
  const Site& site_;
  const std::stop_token& stop_;
};

}  // namespace photon::build
