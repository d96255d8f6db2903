// A NoCloud seed: where it lies, what is in it, and doing it once for each instance.
#pragma once
#include <string>
#include <string_view>

#include "images/firstboot/journal.hpp"
#include "images/firstboot/plan.hpp"
#include "images/firstboot/tree.hpp"

namespace photon::first_boot {

/// "ds=nocloud;i=ID;h=NAME;s=/folder" as the kernel's command line or the firmware's serial number has it.
struct Source {
  std::string instance_id{}, host_name{};
  std::string folder{};   ///< on this machine
  std::string refused{};  ///< an address: nothing is fetched
  bool operator==(const Source&) const = default;
};
/// nullopt: there is no such word in the text.
std::optional<Source> source_from(std::string_view text);

struct Seed {
  std::string instance_id;
  Plan plan;
};
/// meta-data, user-data and network-config of a folder. A file that cannot be read at all is an error.
Result<Seed> read_seed(const std::string& folder, const Source& source);

/// Nothing where the instance is the one that was set up before. Errors of single wishes are told, the answer
/// is the first.
Result<void> apply_seed(const Tree& tree, const Seed& seed, Journal& journal);
/// What cloud-init keeps below /var/lib/cloud/seed, and what the kernel's command line or the firmware name.
Result<void> apply_local_seeds(const Tree& tree, Journal& journal);
/// A disk labelled cidata that somebody has mounted; the kernel's command line may name instance and host.
Result<void> apply_mounted(const Tree& tree, const std::string& folder, Journal& journal);

}  // namespace photon::first_boot
