#include <boost/json/array.hpp>

#include "images/imager/commands/commands.hpp"

namespace photon::images {
namespace {

constexpr Option options[] = {definitions_option};
constexpr Example examples[] = {{"imager list", "what there is"},
                                {"imager list --json | jq -r '.[].name'", "for scripts"}};

Result<int> run(Context& context) {
  PHOTON_TRY(auto folder, context.definitions());
  PHOTON_TRY(auto names, definitions(folder));
  json::array list;
  std::vector<std::vector<std::string>> rows;
  for (const auto& name : names) {
    PHOTON_TRY(auto one, read_definition(folder, name));
    std::string formats;
    for (auto format : one.formats) formats += (formats.empty() ? "" : " ") + std::string(word_of(format));
    list.push_back(json::object{{"name", name}, {"summary", one.summary}, {"formats", formats}});
    rows.push_back({name, formats, one.summary});
  }
  if (context.json()) {
    PHOTON_CHECK(context.print_json(list));
  } else {
    PHOTON_CHECK(context.print(table({"IMAGE", "FORMATS", ""}, rows, look_at(1), width_of(1))));
  }
  return 0;
}

}  // namespace

extern const Command list_command{"list", "list the images that can be made", options, {}, examples, run};

}  // namespace photon::images
