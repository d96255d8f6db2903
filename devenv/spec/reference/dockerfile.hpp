// What the reference guesses of a Dockerfile without building it: the image that it starts from.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

struct Instruction {
  std::string word;  ///< ARG, ENV or USER; others are not looked at
  std::string name;
  std::optional<std::string> value;
  bool operator==(const Instruction&) const = default;
};
struct BuildStage {
  std::string image = "unknown";  ///< without its quotes
  std::string label;              ///< of AS; "" = none
  std::vector<Instruction> instructions;
};
struct Dockerfile {
  std::vector<Instruction> preamble;  ///< in front of the first FROM
  std::vector<BuildStage> stages;
};

Dockerfile read_dockerfile(std::string_view text);

/// The image of the last stage, or of `target`, through stages that are named by others; ARGs are taken from
/// `arguments` (the file's build.args), then from their defaults, then from `platform` (TARGETARCH, …).
/// nullopt: a circle, or no such stage.
Result<std::optional<std::string>> base_image(const Dockerfile& file, const Value& arguments,
                                              const Value& target,
                                              const std::map<std::string, std::string>& platform);

}  // namespace photon::spec::reference
