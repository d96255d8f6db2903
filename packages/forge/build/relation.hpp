// What a dependency's text asks for, and whether something provides it: "zlib-devel >= 1.3",
// "pkgconfig(zlib)",
// "/usr/bin/cmake", "(gcc or clang)".
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace photon::forge {

struct Relation {
  std::string name{};
  std::string sense{};    ///< "", "=", "<", "<=", ">", ">="
  std::string version{};  ///< "1:2.3-4"
};
Relation relation_from(std::string_view text);
/// Whether a provide meets a requirement: the same name, and versions that overlap. A provide without a
/// version meets any.
bool meets(const Relation& provide, const Relation& need);

/// The ways to satisfy a text, the first being the first choice; each is a list of plain relations that must
/// all hold. "(a and (b or c))" gives {a, b}, {a, c}. A condition ("a if b") counts as if it held. Text that
/// is nested or branches beyond reason gives what it has up to there.
std::vector<std::vector<Relation>> ways_to_satisfy(std::string_view text);

}  // namespace photon::forge
