// A definition of an image: written by people, and copied from others.
#include "images/imager/definition/definition.hpp"

#include <algorithm>

#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

void definition(std::string_view input) {
  images::Definition made;
  std::string text(input);
  auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
  auto is_in_the_file = [&](const Place& place) {
    return place.file == "one.toml" && place.line >= 1 && place.line <= lines && place.column >= 1;
  };
  auto read =
      images::read_text(made, text, "one.toml", [&](const std::string&, const Place& place) -> Result<void> {
        expect(is_in_the_file(place), "what is extended has a place");
        return {};
      });
  if (!read) {
    const auto& error = read.error();
    expect(error.kind == Kind::usage, "a fault of a definition is one of usage");
    expect(error.where && is_in_the_file(*error.where), "a fault has a place in the file");
    expect(!error.message.empty() && error.message.find('\n') == std::string::npos, "a fault is one line");
    return;
  }
  for (const auto& one : made.packages)
    expect(!one.text.empty() && is_in_the_file(one.place), "a package has a name and a place");
  for (const auto& setting : {made.container.environment, made.container.labels})
    for (const auto& one : setting)
      expect(one.find('=') != std::string::npos && one[0] != '=', "a setting has a name");
  if (!images::check_formats(made, {images::Format::raw})) return;
  expect(made.esp_size.bytes < made.disk_size.bytes, "a disk is larger than its first partition");
  expect(made.disk_size.bytes <= std::uint64_t{64} << 40, "a disk has a size that file systems have");
}

}  // namespace photon::fuzz
