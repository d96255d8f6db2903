#include "packages/forge/store/record.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/json.hpp"

namespace photon::forge {
namespace {

json::array list_of(const std::vector<Input>& inputs) {
  json::array list;
  for (const auto& input : inputs) list.push_back(json::array{input.name, input.sha256});
  return list;
}

std::vector<Input> inputs_of(const json::value& record, std::string_view key) {
  std::vector<Input> inputs;
  const auto* list = member(record, key);
  if (!list || !list->is_array()) return inputs;
  for (const auto& pair : list->get_array()) {
    if (!pair.is_array() || pair.get_array().size() != 2) continue;
    const auto& both = pair.get_array();
    if (both[0].is_string() && both[1].is_string())
      inputs.push_back({std::string(both[0].get_string()), std::string(both[1].get_string())});
  }
  return inputs;
}

}  // namespace

std::string record_of(const Built& built) {
  json::array outputs;
  for (const auto& file : built.outputs)
    outputs.push_back(json::object{{"name", file.name}, {"sha256", file.sha256}, {"size", file.size}});
  return write_json(json::object{{"key", built.key},
                                 {"recipe", built.recipe},
                                 {"arch", built.arch},
                                 {"origin", built.origin == Origin::import ? "import" : "source"},
                                 {"outputs", std::move(outputs)},
                                 {"sources", list_of(built.sources)},
                                 {"dependencies", list_of(built.dependencies)},
                                 {"ingredients", list_of(built.ingredients)},
                                 {"log", built.log},
                                 {"started", built.started},
                                 {"milliseconds", static_cast<std::int64_t>(built.seconds * 1000)}});
}

Result<Built> built_from(const std::string& record) {
  PHOTON_TRY(auto value, parse_json(record, "a row of the index"));
  Built built{.key = text_or(value, "key"),
              .recipe = text_or(value, "recipe"),
              .arch = text_or(value, "arch"),
              .origin = text_or(value, "origin") == "import" ? Origin::import : Origin::source,
              .sources = inputs_of(value, "sources"),
              .dependencies = inputs_of(value, "dependencies"),
              .log = text_or(value, "log"),
              .started = number_or(value, "started"),
              .seconds = static_cast<double>(number_or(value, "milliseconds")) / 1000,
              .ingredients = inputs_of(value, "ingredients")};
  if (const auto* outputs = member(value, "outputs"); outputs && outputs->is_array())
    for (const auto& file : outputs->get_array())
      built.outputs.push_back({text_or(file, "name"), text_or(file, "sha256"),
                               static_cast<std::uint64_t>(number_or(file, "size"))});
  return built;
}

}  // namespace photon::forge
