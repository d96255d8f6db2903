// The files of a NoCloud seed, read into a plan. What is wrong or not supported is left out and named in the
// plan; an error is only what makes the whole file unreadable.
#pragma once
#include <string>
#include <string_view>

#include "images/firstboot/plan.hpp"
#include "images/firstboot/yaml.hpp"

namespace photon::first_boot {

struct MetaData {
  std::string instance_id{};
  std::string host_name{};
  std::vector<std::string> keys{};
};
Result<MetaData> read_meta_data(std::string_view text, std::string_view file, Plan& plan);
/// "#cloud-config", a script, or nothing; other kinds are named.
Result<void> read_user_data(std::string_view text, std::string_view file, Plan& plan);
/// Versions 1 and 2, as files of systemd-networkd.
Result<void> read_network_config(std::string_view text, std::string_view file, Plan& plan);

/// Left out, and said so.
void leave_out(Plan& plan, const Place& where, std::string message, std::string hint = {});
/// Text of a node, or nullopt and a word in the plan. `what` is what the key is called.
std::optional<std::string> text_of(const yaml::Node& node, std::string_view what, Plan& plan);
/// A list of words, or one word.
std::vector<std::string> texts_of(const yaml::Node& node, std::string_view what, Plan& plan);
bool truth_of(const yaml::Node& node, std::string_view what, Plan& plan, bool otherwise);

}  // namespace photon::first_boot
