#include "packages/forge/publish/licence.hpp"

#include <cctype>
#include <set>
#include <vector>

#include <fmt/format.h>

namespace photon::forge {
namespace {

// Of the list of SPDX, those that packages of an operating system have.
const std::set<std::string> identifiers = {"0BSD",
                                           "AFL-2.1",
                                           "AGPL-3.0-only",
                                           "AGPL-3.0-or-later",
                                           "Apache-2.0",
                                           "Artistic-1.0-Perl",
                                           "Artistic-2.0",
                                           "BSD-1-Clause",
                                           "BSD-2-Clause",
                                           "BSD-2-Clause-Patent",
                                           "BSD-3-Clause",
                                           "BSD-4-Clause",
                                           "BSD-4-Clause-UC",
                                           "BSL-1.0",
                                           "bzip2-1.0.6",
                                           "CC-BY-4.0",
                                           "CC-BY-SA-4.0",
                                           "CC0-1.0",
                                           "curl",
                                           "FSFAP",
                                           "FSFUL",
                                           "FSFULLR",
                                           "FTL",
                                           "GFDL-1.3-only",
                                           "GFDL-1.3-or-later",
                                           "GFDL-1.3-no-invariants-or-later",
                                           "GPL-1.0-or-later",
                                           "GPL-2.0-only",
                                           "GPL-2.0-or-later",
                                           "GPL-3.0-only",
                                           "GPL-3.0-or-later",
                                           "HPND",
                                           "ICU",
                                           "IJG",
                                           "ISC",
                                           "JSON",
                                           "LGPL-2.0-only",
                                           "LGPL-2.0-or-later",
                                           "LGPL-2.1-only",
                                           "LGPL-2.1-or-later",
                                           "LGPL-3.0-only",
                                           "LGPL-3.0-or-later",
                                           "libpng-2.0",
                                           "libtiff",
                                           "MIT",
                                           "MIT-0",
                                           "MIT-CMU",
                                           "MPL-1.1",
                                           "MPL-2.0",
                                           "NCSA",
                                           "OFL-1.1",
                                           "OLDAP-2.8",
                                           "OpenSSL",
                                           "PostgreSQL",
                                           "PSF-2.0",
                                           "Python-2.0",
                                           "Ruby",
                                           "Sleepycat",
                                           "SSH-OpenSSH",
                                           "SSH-short",
                                           "TCL",
                                           "TCP-wrappers",
                                           "Unicode-3.0",
                                           "Unicode-DFS-2016",
                                           "Unlicense",
                                           "Vim",
                                           "W3C",
                                           "WTFPL",
                                           "X11",
                                           "Zlib",
                                           "blessing",
                                           "zlib-acknowledgement"};
const std::set<std::string> exceptions = {"Autoconf-exception-2.0",      "Autoconf-exception-3.0",
                                          "Bison-exception-2.2",         "Classpath-exception-2.0",
                                          "GCC-exception-3.1",           "GCC-exception-2.0",
                                          "GPL-3.0-linking-exception",   "Libtool-exception",
                                          "Linux-syscall-note",          "LLVM-exception",
                                          "OpenSSL-exception",           "x11vnc-openssl-exception",
                                          "cryptsetup-OpenSSL-exception"};

std::string reference_to(const std::string& words, Licence& licence) {
  std::string name = "LicenseRef-";
  for (char c : words) {
    bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '.';
    if (plain)
      name += c;
    else if (name.back() != '-')
      name += '-';
  }
  while (name.size() > 11 && name.back() == '-') name.pop_back();
  if (name.size() == 11) name += "Other";
  // Two wordings that look alike so stay two.
  auto wanted = name;
  for (unsigned i = 2; licence.extracted.contains(name) && licence.extracted.at(name) != words; ++i)
    name = fmt::format("{}-{}", wanted, i);
  licence.extracted[name] = words;
  return name;
}

std::vector<std::string> tokens(const std::string& tag) {
  std::vector<std::string> result;
  bool open = false;
  for (char c : tag) {
    bool space = std::isspace(static_cast<unsigned char>(c)) != 0, bracket = c == '(' || c == ')';
    if (bracket)
      result.emplace_back(1, c);
    else if (!space && open)
      result.back() += c;
    else if (!space)
      result.emplace_back(1, c);
    open = !space && !bracket;
  }
  return result;
}

/// The words of an expression in turn: an operand where one must be, then an operator, brackets in pairs.
bool is_expression(const std::vector<std::string>& words) {
  int depth = 0;
  bool operand = true;  // wanted next
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    bool is_operator = word == "AND" || word == "OR" || word == "WITH";
    if (word == "(") {
      if (!operand || (i > 0 && words[i - 1] == "WITH")) return false;
      ++depth;
    } else if (word == ")") {
      if (operand || --depth < 0) return false;
    } else if (is_operator == operand) {
      return false;
    } else {
      if (word == "WITH" && words[i - 1] == ")") return false;
      operand = is_operator;
    }
  }
  return !operand && depth == 0;
}

}  // namespace

Licence licence_of(const std::string& tag) {
  Licence licence;
  auto words = tokens(tag);
  for (auto& word : words)
    if (word == "and" || word == "or" || word == "with")
      for (auto& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (words.empty()) {
    licence.expression = "NOASSERTION";
    return licence;
  }
  if (!is_expression(words)) {
    licence.expression = reference_to(tag, licence);
    return licence;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    bool after_with = i > 0 && words[i - 1] == "WITH";
    // An unknown exception makes all of it a wording of its own: there is no reference for exceptions.
    if (!after_with || exceptions.contains(word)) continue;
    licence.expression = reference_to(tag, licence);
    return licence;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto word = words[i];
    bool fixed = word == "(" || word == ")" || word == "AND" || word == "OR" || word == "WITH" ||
                 (i > 0 && words[i - 1] == "WITH");
    if (!fixed && !identifiers.contains(word)) word = reference_to(word, licence);
    bool tight = licence.expression.empty() || licence.expression.back() == '(' || word == ")";
    licence.expression += (tight ? "" : " ") + word;
  }
  return licence;
}

}  // namespace photon::forge
