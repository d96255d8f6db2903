#include <charconv>

#include "devenv/core/name.hpp"
#include "devenv/spec/reader.hpp"

namespace photon::spec {
namespace {

/// "8gb", "512mb", "1tb", bytes: decimal, as the specification has them.
std::optional<std::uint64_t> bytes_from(const Node& node) {
  std::string text;
  for (char c : node.text) text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  double number = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || number < 0) return std::nullopt;
  std::string_view unit(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  double factor = 1;
  for (std::string_view known : {"kb", "mb", "gb", "tb"}) {
    factor *= 1000;
    if (unit == known || unit == known.substr(0, 1)) return static_cast<std::uint64_t>(number * factor);
  }
  if (!unit.empty() && unit != "b") return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

bool wants_gpu(const Node& node) {
  if (node.type == Node::Type::flag) return node.flag;
  return node.type == Node::Type::object;  // the text "optional" demands nothing
}

}  // namespace

Result<void> read_host_requirements(const Node& node, const Reading& reading, Plan& plan) {
  if (node.type != Node::Type::object)
    return reading.wrong(node, "hostRequirements", "an object", R"({"cpus": 4, "memory": "8gb"})");
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto& name = node.keys[i].name;
    const auto& item = node.items[i];
    auto number = bytes_from(item);
    if (name == "gpu")
      plan.requirements.gpu = wants_gpu(item);
    else if (name == "cpus" && number)
      plan.requirements.cpus = static_cast<unsigned>(*number);
    else if (name == "memory" && number)
      plan.requirements.memory = *number;
    else if (name == "storage" && number)
      plan.requirements.storage = *number;
    else if (!reading.image)
      reading.warn(item, fmt::format("\"hostRequirements\": \"{}\" is not understood", shown(name)),
                   R"({"cpus": 4, "memory": "8gb", "storage": "32gb"})");
  }
  return {};
}

}  // namespace photon::spec
