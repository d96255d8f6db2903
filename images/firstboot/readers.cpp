#include "images/firstboot/readers.hpp"

#include "devenv/core/name.hpp"
#include "images/firstboot/keys.hpp"
#include "images/firstboot/system.hpp"

namespace photon::first_boot {

void leave_out(Plan& plan, const Place& where, std::string message, std::string hint) {
  plan.left_out.push_back({Kind::usage, "first-boot.left-out", std::move(message), where, std::move(hint)});
}

std::optional<std::string> text_of(const yaml::Node& node, std::string_view what, Plan& plan) {
  if (node.kind == yaml::Node::Kind::text && node.text.find('\0') == std::string::npos) return node.text;
  leave_out(plan, node.where, fmt::format("{} has to be a word", what));
  return std::nullopt;
}

std::vector<std::string> texts_of(const yaml::Node& node, std::string_view what, Plan& plan) {
  std::vector<std::string> out;
  if (node.is_null()) return out;
  if (node.kind != yaml::Node::Kind::list) {
    if (auto text = text_of(node, what, plan)) out.push_back(std::move(*text));
    return out;
  }
  for (const auto& item : node.items)
    if (auto text = text_of(item, fmt::format("each of {}", what), plan)) out.push_back(std::move(*text));
  return out;
}

bool truth_of(const yaml::Node& node, std::string_view what, Plan& plan, bool otherwise) {
  if (auto truth = node.truth()) return *truth;
  leave_out(plan, node.where, fmt::format("{} has to be true or false", what));
  return otherwise;
}

Result<MetaData> read_meta_data(std::string_view text, std::string_view file, Plan& plan) {
  MetaData data;
  PHOTON_TRY(auto root, yaml::parse(text, file));
  if (root.is_null()) return data;
  if (root.kind != yaml::Node::Kind::map)
    return fail_at(root.where, Kind::usage, "first-boot.meta-data", "meta-data has to be keys and values");
  for (std::size_t i = 0; i < root.keys.size(); ++i) {
    const auto& key = root.keys[i];
    const auto& value = root.items[i];
    if (key == "instance-id")
      data.instance_id = text_of(value, key, plan).value_or("");
    else if (key == "local-hostname" || key == "hostname") {
      auto name = text_of(value, key, plan);
      if (!name) continue;
      if (auto good = check_host_name(*name); !good)
        leave_out(plan, value.where, good.error().message, good.error().hint);
      else
        data.host_name = *name;
    } else if (key == "public-keys" && value.kind == yaml::Node::Kind::list) {
      for (auto& line : texts_of(value, key, plan)) {
        if (auto good = check_key(line); !good)
          leave_out(plan, value.where, good.error().message, good.error().hint);
        else
          data.keys.push_back(std::move(line));
      }
    } else if (key != "dsmode") {
      leave_out(plan, root.key_places[i], fmt::format("\"{}\" of meta-data is not supported", shown(key)));
    }
  }
  return data;
}

}  // namespace photon::first_boot
