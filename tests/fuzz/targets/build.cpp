// What a repository's Dockerfile and .dockerignore say, and what a builder prints of it.
#include "devenv/build/ignore.hpp"
#include "devenv/build/output.hpp"
#include "devenv/build/settings.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

void ignore_file(std::string_view input) {
  auto ignore = build::Ignore::parse(input, ".dockerignore");
  if (!ignore) {
    expect(!ignore.error().message.empty(), "a fault has a sentence");
    return;
  }
  build::Ignore::Matched none;
  build::Ignore::Matched above;
  build::Ignore::Matched matched;
  bool folder = ignore->leaves_out("src", none, above);
  expect(!folder || !input.empty(), "nothing leaves nothing out");
  ignore->leaves_out("src/main.c", above, matched);
  expect(matched.size() == above.size(), "each pattern is asked");
  for (std::size_t i = 0; i < above.size(); ++i)
    expect(!above[i] || matched[i], "what matches a folder matches what is in it");
  // Its own text as a path: patterns meet the letters that they are made of.
  if (input.size() < 2000) ignore->leaves_out(input, none, matched);
}

void build_file(std::string_view input) {
  auto file = spec::read_dockerfile(input, "Dockerfile");
  if (!file) return;
  std::size_t counted = 0;
  for (const auto& stage : file->stages) {
    expect(file->instructions[stage.first].word == "FROM", "a stage begins with FROM");
    counted += stage.count;
    if (!stage.name.empty())
      expect(spec::find_stage(*file, stage.name) != nullptr, "a stage is found by name");
  }
  expect(counted <= file->instructions.size(), "an instruction belongs to one stage");
  unsigned line = 0;
  for (const auto& instruction : file->instructions) {
    expect(instruction.line > line, "lines go up");
    expect(instruction.word.find_first_of(" \t\n") == std::string::npos, "a word is one");
    line = instruction.line;
  }
  for (const auto& registry : build::registries_of(spec::images_of(*file, {{"A", "b"}})))
    expect(registry.find_first_of("\"\n\\ ") == std::string::npos, "a registry's name is safe in a file");
  build::Output output(*file);
  for (auto rest = input; !rest.empty();) {
    auto text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    output.take(text);
    expect(output.tail().size() <= std::max<std::size_t>(4001, text.size() + 1), "the tail is bounded");
  }
}

}  // namespace photon::fuzz
