// A Dockerfile as its instructions, with their lines: enough to know its stages and what it fetches before
// anybody builds it. Source: the Dockerfile reference of Docker's documentation.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::spec {

struct Instruction {
  std::string word;  ///< in capitals
  std::string rest;  ///< one line: what is continued on the next ones is joined
  unsigned line = 0;
  bool operator==(const Instruction&) const = default;
};

/// From one FROM to the next.
struct BuildStage {
  std::string image;      ///< as written, or the name of a stage before it
  std::string name;       ///< of AS, in small letters; "" = none
  std::size_t first = 0;  ///< its FROM among the instructions
  std::size_t count = 0;  ///< of its instructions, FROM counted
  bool operator==(const BuildStage&) const = default;
};

struct Dockerfile {
  std::vector<Instruction> instructions;
  std::vector<BuildStage> stages;
};

/// At most 1 MiB and 10 000 instructions. Comments, continued lines, the directive `escape` and
/// here-documents are understood; what an instruction means is the builder's.
Result<Dockerfile> read_dockerfile(std::string_view text, const std::string& file);

/// The stage of that name or number.
const BuildStage* find_stage(const Dockerfile& file, std::string_view target);

struct BuildBase {
  std::string image;
  unsigned line = 0;  ///< of its FROM
  bool operator==(const BuildBase&) const = default;
};
/// The image upon which all of that stage stands, "" = the last one: through the stages between them.
/// nullopt: it begins with nothing, or of its name only half is known.
std::optional<BuildBase> base_of(const Dockerfile& file, std::string_view target,
                                 const std::map<std::string, std::string>& arguments);

/// A FROM whose name has a variable without a value.
struct Unresolved {
  std::string written;    ///< "registry.example.org/$X"
  std::string name;       ///< with nothing in its place
  std::string variable;   ///< the first such one
  bool declared = false;  ///< an ARG in front of the first FROM names it
  unsigned line = 0;
  bool operator==(const Unresolved&) const = default;
};
/// Of all stages, as other builders look at them. Whether the name that is left can be one is for whoever
/// knows names of images; forms of variables that we do not know are the builder's.
std::vector<Unresolved> unresolved_in(const Dockerfile& file,
                                      const std::map<std::string, std::string>& arguments);

/// Names of images that are fetched: of FROM, COPY --from and RUN --mount=from, with the ARGs in front of the
/// first FROM and those given put in, and nothing for what has no value. What is then half a name is left
/// out.
std::vector<std::string> images_of(const Dockerfile& file,
                                   const std::map<std::string, std::string>& arguments);

}  // namespace photon::spec
