#include "devenv/compose/interpolate.hpp"

#include "devenv/core/name.hpp"

namespace photon::compose {
namespace {

constexpr unsigned most_levels = 16;

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

class Reader {
 public:
  Reader(std::string_view text, const Lookup& lookup, const Place& where, std::set<std::string>& unset)
      : text_(text), lookup_(lookup), where_(where), unset_(unset) {}

  Result<std::string> all() { return until_end(0, true); }

 private:
  [[nodiscard]] tl::unexpected<Error> wrong(std::string message, std::string hint) const {
    return fail_at(where_, Kind::usage, "compose.variable", std::move(message), std::move(hint));
  }
  [[nodiscard]] bool over() const { return at_ >= text_.size(); }
  [[nodiscard]] char now() const { return text_[at_]; }

  /// To the end of the text, or to the brace that ends what this is part of. `counts`: its variables are
  /// asked for.
  Result<std::string> until_end(unsigned level, bool counts) {
    std::string out;
    if (level > most_levels)
      return wrong(fmt::format("variables are nested deeper than {} levels", most_levels),
                   "name one variable");
    while (!over()) {
      if (level > 0 && now() == '}') return out;
      if (now() != '$') {
        out += text_[at_++];
        continue;
      }
      PHOTON_TRY(auto value, variable(level, counts));
      out += value;
      if (out.size() > most_interpolated)
        return wrong("a text becomes too long by its variables", "shorten them");
    }
    return out;
  }

  Result<std::string> variable(unsigned level, bool counts) {
    ++at_;
    if (!over() && now() == '$') {
      ++at_;
      return std::string("$");
    }
    const bool braced = !over() && now() == '{';
    if (braced) ++at_;
    auto from = at_;
    if (over() || !begins_name(now()))
      return wrong(fmt::format("\"{}\": a variable's name is missing behind \"$\"", shown(text_)),
                   "a plain $ is written $$");
    while (!over() && in_name(now())) ++at_;
    std::string name(text_.substr(from, at_ - from));
    if (!braced) return plain(name, counts);
    return with_sign(name, level, counts);
  }

  std::string plain(const std::string& name, bool counts) {
    auto value = lookup_(name);
    if (!value && counts) unset_.insert(name);
    return value.value_or("");
  }

  Result<std::string> with_sign(const std::string& name, unsigned level, bool counts) {
    if (over()) return unclosed(name);
    if (now() == '}') {
      ++at_;
      return plain(name, counts);
    }
    const bool colon = now() == ':';
    if (colon) ++at_;
    if (over() || std::string_view("-?+").find(now()) == std::string_view::npos)
      return wrong(fmt::format("\"{}\": ${{{} is followed by what is no sign", shown(text_), name),
                   "${NAME}, ${NAME:-default}, ${NAME:?error} and ${NAME:+other} are known");
    const char sign = text_[at_++];
    auto value = lookup_(name);
    const bool there = value && !(colon && value->empty());
    PHOTON_TRY(auto rest, until_end(level + 1, counts && (sign == '+' ? there : !there)));
    if (over()) return unclosed(name);
    ++at_;
    if (sign == '+') return there ? rest : std::string();
    if (there) return std::move(*value);
    if (sign == '-' || !counts) return rest;
    return wrong(fmt::format("the variable {} is {}{}", name, value ? "empty" : "not set",
                             rest.empty() ? "" : ": " + shown(rest, 200)),
                 fmt::format("set it in your environment or in the file .env: {}=…", name));
  }

  [[nodiscard]] tl::unexpected<Error> unclosed(const std::string& name) const {
    return wrong(fmt::format("\"{}\": ${{{} is not closed", shown(text_), name), "a brace is missing");
  }

  std::string_view text_;
  const Lookup& lookup_;
  const Place& where_;
  std::set<std::string>& unset_;
  std::size_t at_ = 0;
};

Result<void> each(yaml::Node& node, const Lookup& lookup, std::set<std::string>& unset, std::size_t& total) {
  if (node.is_text() && node.text.find('$') != std::string::npos) {
    PHOTON_TRY(node.text, interpolate(node.text, lookup, node.where, unset));
    total += node.text.size();
    if (total > most_interpolated)
      return fail_at(node.where, Kind::usage, "compose.variable",
                     "the file becomes too long by its variables", "shorten them");
  }
  for (auto& item : node.items) PHOTON_CHECK(each(item, lookup, unset, total));
  return {};
}

}  // namespace

Result<std::string> interpolate(const std::string& text, const Lookup& lookup, const Place& where,
                                std::set<std::string>& unset) {
  return Reader(text, lookup, where, unset).all();
}

Result<void> interpolate(yaml::Node& node, const Lookup& lookup, std::set<std::string>& unset) {
  std::size_t total = 0;
  return each(node, lookup, unset, total);
}

}  // namespace photon::compose
