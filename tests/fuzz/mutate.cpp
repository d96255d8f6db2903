#include "tests/fuzz/mutate.hpp"

#include <algorithm>
#include <string_view>

namespace photon::fuzz {
namespace {

constexpr std::size_t most = 64 << 10;
constexpr std::string_view words[] = {"-1",     "0",        "65536",   "4294967296", "18446744073709551616",
                                      "1e999",  "\xff\xfe", "\r\n",    "\\u0000",    "\xc0\x80",
                                      "${",     "}",        "\"",      "../",        "//",
                                      "\x1b[m", "[[[[[[[[", "{\"a\":", "%00",        ":::::"};

}  // namespace

std::size_t Mutator::below(std::size_t limit) {
  // The generator of Knuth's MMIX: good enough to wander, and the same everywhere.
  state_ = state_ * 6364136223846793005u + 1442695040888963407u;
  return limit == 0 ? 0 : (state_ >> 33) % limit;
}

void Mutator::edit(std::string& text, const std::string& other) {
  std::size_t at = below(text.size() + 1);
  std::size_t length = std::min(below(16) + 1, text.size() - at);
  switch (below(8)) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
      return;
    case 1:
      if (at < text.size()) text[at] = static_cast<char>(below(256));
      return;
    case 2:
      text.insert(at, 1, static_cast<char>(below(256)));
      return;
    case 3:
      text.erase(at, length);
      return;
    case 4:
      text.insert(at, words[below(std::size(words))]);
      return;
    case 5: {
      auto from = below(other.size() + 1);
      text.insert(at, other, from, below(64));
      return;
    }
    case 6: {
      auto piece = text.substr(at, length);
      for (std::size_t n = below(100); n > 0 && text.size() < most; --n) text.insert(at, piece);
      return;
    }
    default:
      text.resize(at);
  }
}

std::string Mutator::next(const std::vector<std::string>& inputs) {
  if (inputs.empty()) return {};
  std::string text = inputs[below(inputs.size())];
  for (std::size_t edits = below(8) + 1; edits > 0; --edits) edit(text, inputs[below(inputs.size())]);
  if (text.size() > most) text.resize(most);
  return text;
}

}  // namespace photon::fuzz
