#include "devenv/compose/dotenv.hpp"

#include "devenv/core/name.hpp"
#include "devenv/core/text.hpp"

namespace photon::compose {
namespace {

constexpr std::size_t most_variables = 10000;

bool good_name(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                  c == '.' || c == '-';
         });
}

tl::unexpected<Error> wrong(const Place& where, std::string message, std::string hint) {
  return fail_at(where, Kind::usage, "compose.env-file", std::move(message), std::move(hint));
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, const Lookup& outside)
      : text_(text), file_(file), outside_(outside) {}

  Result<Variables> all() {
    while (!text_.empty()) {
      ++line_;
      auto line = take_line();
      auto rest = trimmed(line);
      if (rest.empty() || rest.starts_with('#')) continue;
      if (rest.starts_with("export ")) rest = trimmed(rest.substr(7));
      PHOTON_CHECK(one(rest));
      if (found_.size() > most_variables)
        return wrong(here(), fmt::format("the file has more than {} variables", most_variables), "split it");
    }
    return std::move(found_);
  }

 private:
  [[nodiscard]] Place here() const { return {file_, line_, 1}; }

  std::string_view take_line() {
    auto end = text_.find('\n');
    auto line = text_.substr(0, end);
    text_.remove_prefix(end == text_.npos ? text_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  Result<void> one(std::string_view rest) {
    auto equals = rest.find('=');
    auto name = trimmed(rest.substr(0, equals));
    if (!good_name(name))
      return wrong(here(), fmt::format("\"{}\" is no name of a variable", shown(name)),
                   "a line is NAME=value, or begins with #");
    if (equals == rest.npos) {
      if (auto value = outside_(std::string(name))) set_variable(found_, std::string(name), *value);
      return {};
    }
    rest = trimmed(rest.substr(equals + 1));
    if (rest.starts_with('\'') || rest.starts_with('"')) return quoted(std::string(name), rest);
    if (auto remark = rest.find(" #"); remark != rest.npos) rest = trimmed(rest.substr(0, remark));
    if (rest.starts_with('#')) rest = {};
    return put(std::string(name), std::string(rest));
  }

  /// May go on over several lines.
  Result<void> quoted(std::string name, std::string_view rest) {
    const char quote = rest[0];
    const auto begin = here();
    std::string value;
    rest.remove_prefix(1);
    while (true) {
      for (std::size_t i = 0; i < rest.size(); ++i) {
        if (rest[i] == '\\' && quote == '"' && i + 1 < rest.size()) {
          escaped(rest[++i], value);
        } else if (rest[i] == quote) {
          auto after = trimmed(rest.substr(i + 1));
          if (!after.empty() && !after.starts_with('#'))
            return wrong(here(), fmt::format("\"{}\" stands behind the end of a text", shown(after)),
                         "quote all of the value");
          if (quote == '"') return put(std::move(name), std::move(value));
          set_variable(found_, name, std::move(value));
          return {};
        } else {
          value += rest[i];
        }
      }
      if (text_.empty()) return wrong(begin, "a text is not closed", fmt::format("end it with {}", quote));
      value += '\n';
      ++line_;
      rest = take_line();
    }
  }

  static void escaped(char c, std::string& value) {
    if (c == 'n')
      value += '\n';
    else if (c == 'r')
      value += '\r';
    else if (c == 't')
      value += '\t';
    else if (c == '$')
      value += "$$";
    else if (c == '"' || c == '\\')
      value += c;
    else
      value += {'\\', c};
  }

  Result<void> put(std::string name, std::string value) {
    auto lookup = [this](const std::string& wanted) -> std::optional<std::string> {
      if (auto outer = outside_(wanted)) return outer;
      if (const auto* known = find_variable(found_, wanted)) return *known;
      return std::nullopt;
    };
    std::set<std::string> unset;
    PHOTON_TRY(auto made, interpolate(value, lookup, here(), unset));
    total_ += made.size();
    if (total_ > most_interpolated)
      return wrong(here(), "the file becomes too long by its variables", "shorten them");
    set_variable(found_, name, std::move(made));
    return {};
  }

  std::string_view text_;
  const std::string& file_;
  const Lookup& outside_;
  unsigned line_ = 0;
  std::size_t total_ = 0;
  Variables found_;
};

}  // namespace

Result<Variables> read_variables(std::string_view text, const std::string& file, const Lookup& outside) {
  return Reader(text, file, outside).all();
}

Result<Variables> read_raw_variables(std::string_view text, const std::string& file) {
  Variables found;
  for (unsigned line = 1; !text.empty(); ++line) {
    auto end = text.find('\n');
    auto row = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (trimmed(row).empty() || trimmed(row).starts_with('#')) continue;
    auto equals = row.find('=');
    if (equals == row.npos || !good_name(row.substr(0, equals)))
      return wrong({file, line, 1}, fmt::format("\"{}\" is no variable", shown(row)), "a line is NAME=value");
    if (found.size() > most_variables)
      return wrong({file, line, 1}, fmt::format("the file has more than {} variables", most_variables),
                   "split it");
    set_variable(found, std::string(row.substr(0, equals)), std::string(row.substr(equals + 1)));
  }
  return found;
}

void set_variable(Variables& variables, const std::string& name, std::string value) {
  for (auto& [known, old] : variables)
    if (known == name) {
      old = std::move(value);
      return;
    }
  variables.emplace_back(name, std::move(value));
}

const std::string* find_variable(const Variables& variables, std::string_view name) {
  for (const auto& [known, value] : variables)
    if (known == name) return &value;
  return nullptr;
}

}  // namespace photon::compose
