// What an image has installed: solved from a repository of ours, put below a folder, made ready to be
// copied. The process is root, or root in a user namespace of its own.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "devenv/core/work.hpp"
#include "images/imager/definition/definition.hpp"
#include "packages/rpm/pool.hpp"

namespace photon::images {

/// Where packages come from.
struct Supply {
  std::string repository{};  ///< folder of one architecture, as forge publishes it
  std::string key{};         ///< ASCII-armoured public key (contents)
  std::string cache{};       ///< folder of solver caches
  std::string arch{};
};

struct Package {
  rpm::Nevra nevra{};
  std::string sha256{};  ///< of the file
  std::uint64_t installed_size = 0;
  std::string vendor{}, license{}, summary{};
  bool operator==(const Package&) const = default;
};

struct Plan {
  rpm::Solution solution{};          ///< files are on this machine
  std::vector<Package> packages{};   ///< by name
  std::uint64_t installed_size = 0;  ///< bytes, of all
  std::int64_t date = 0;             ///< of the newest package's build: the image's own (SOURCE_DATE_EPOCH)
};

/// Solves. A package that nothing provides is usage "image.package" where the definition names it, with the
/// nearest names; what cannot be together is conflict "image.conflict" where it is asked for, told as the
/// solver words it.
Result<Plan> plan(const Definition& definition, const Supply& supply, const Work& work);

/// The same for tools that make images, without a definition.
Result<Plan> plan_tools(const std::vector<std::string>& packages, const Supply& supply, const Work& work);

/// Installs below `root`, which is made, and takes away what only this machine or moment has: lock files,
/// the id of the machine, logs. The same plan gives the same files, but for times later than `Plan::date`.
Result<void> make_root(const Plan& plan, const Definition& definition, const Supply& supply,
                       const std::string& root, const Work& work);

/// "x86_64" or "aarch64": what this machine runs.
std::string machine();

/// "6.12.107-vm": the newest kernel below the root; not_found "image.kernel" if it has none.
Result<std::string> kernel_of(const std::string& root);

}  // namespace photon::images
