#include "packages/forge/recipe/spec.hpp"

#include <rpm/header.h>
#include <rpm/rpmbuild.h>
#include <rpm/rpmds.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmtd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/core/name.hpp"

namespace photon::forge {
namespace {

using SpecHandle = Handle<std::remove_pointer_t<rpmSpec>, rpmSpecFree>;
using PackageWalk = Handle<std::remove_pointer_t<rpmSpecPkgIter>, rpmSpecPkgIterFree>;
using SourceWalk = Handle<std::remove_pointer_t<rpmSpecSrcIter>, rpmSpecSrcIterFree>;
using DependenciesHandle = Handle<std::remove_pointer_t<rpmds>, rpmdsFree>;
using CText = Handle<char, std::free>;

constexpr std::size_t most_lines = 100;

struct Said {
  rpmlogLvl level;
  std::string text;
};
/// Of this process, which reads one spec and ends.
std::vector<Said>& said() {
  static std::vector<Said> lines;
  return lines;
}

int listen(rpmlogRec record, rpmlogCallbackData /*data*/) {
  std::string text = rpmlogRecMessage(record) ? rpmlogRecMessage(record) : "";
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (said().size() < most_lines) said().push_back({rpmlogRecPriority(record), std::move(text)});
  return 0;
}

/// "line 12: Unknown tag" and "FILE:12: …" give 12 and what follows; 0: no line is named.
unsigned line_in(std::string& text, const std::string& spec) {
  auto number_at = [&](std::size_t at, unsigned& number) {
    const char* end = text.data() + text.size();
    auto read = std::from_chars(text.data() + at, end, number);
    return read.ec == std::errc() && read.ptr != end && *read.ptr == ':' ? read.ptr - text.data() : 0;
  };
  unsigned line = 0;
  for (std::string mark : {spec + ": line ", spec + ":", std::string("line ")}) {
    auto at = text.find(mark);
    if (at == text.npos) continue;
    auto end = number_at(at + mark.size(), line);
    if (end == 0) continue;
    // What stands before ("Macro %x: ") is kept, the place is not said twice.
    auto after = text.find_first_not_of(": ", static_cast<std::size_t>(end));
    text = text.substr(0, at) + (after == text.npos ? "" : text.substr(after));
    return line;
  }
  return 0;
}

tl::unexpected<Error> cannot_parse(const std::string& spec) {
  std::string first, rest;
  unsigned line = 0;
  for (auto& one : said()) {
    if (one.level > RPMLOG_ERR || one.text.find_first_not_of(" ^\t") == one.text.npos) continue;
    auto at = line_in(one.text, spec);
    if (first.empty()) first = one.text;
    if (line == 0 && at != 0) line = at;
    if (one.text != first && rest.empty()) rest = one.text;
  }
  if (first.empty()) first = "rpm cannot parse it and does not say why";
  return fail_at({spec, line, 0}, Kind::usage, "forge.spec", shown(first, 300),
                 rest.empty() ? "" : shown(rest, 300));
}

std::string text_of(Header header, rpmTagVal tag) {
  CText text(headerGetAsString(header, tag));
  return text ? text.get() : "";
}

std::vector<std::string> texts_of(Header header, rpmTagVal tag) {
  std::vector<std::string> out;
  Handle<std::remove_pointer_t<rpmtd>, rpmtdFree> data(rpmtdNew());
  if (!header || !headerGet(header, tag, data.get(), HEADERGET_EXT)) return out;
  while (const char* text = rpmtdNextString(data.get())) out.emplace_back(text);
  rpmtdFreeData(data.get());
  return out;
}

std::vector<std::string> relations(rpmds raw) {
  std::vector<std::string> out;
  DependenciesHandle set(raw);
  while (set && rpmdsNext(set.get()) >= 0) {
    if (rpmdsFlags(set.get()) & RPMSENSE_RPMLIB) continue;
    const char* text = rpmdsDNEVR(set.get());  // "R name >= 1": a letter and a blank before it
    if (text && text[0] && text[1] == ' ') out.emplace_back(text + 2);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}
std::vector<std::string> relations(Header header, rpmTagVal tag) {
  return relations(rpmdsNew(header, tag, 0));
}

/// The paths of a %files section: directives and what is excluded left out.
std::vector<std::string> files_of(std::string_view section) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < section.size();) {
    auto end = std::min(section.find('\n', at), section.size());
    auto line = section.substr(at, end - at);
    at = end + 1;
    if (line.find("%exclude") != line.npos || line.find("%ghost") != line.npos) continue;
    for (std::size_t word = 0; (word = line.find_first_not_of(" \t", word)) != line.npos;) {
      auto stop = std::min(line.find_first_of(" \t", word), line.size());
      auto path = line.substr(word, stop - word);
      word = stop;
      if (path.size() > 2 && path.front() == '"' && path.back() == '"')
        path = path.substr(1, path.size() - 2);
      if (path.size() > 1 && path[0] == '/') out.emplace_back(path);
    }
  }
  return out;
}

/// What of the spec, all macros expanded, librpm has no question for: it keeps no empty %files.
struct Sections {
  std::set<std::string> with_files{};  ///< names of packages
  bool dynamic = false;
};

/// "%files -n NAME", "%files PART -f LIST": the package's name.
std::string files_name(std::string_view line, const std::string& main) {
  std::string part;
  bool whole = false;
  for (std::size_t at = 6; (at = line.find_first_not_of(" \t", at)) != line.npos;) {
    auto end = std::min(line.find_first_of(" \t", at), line.size());
    auto word = line.substr(at, end - at);
    at = end;
    if (word == "-f") {  // its list is a word of its own
      at = std::min(line.find_first_not_of(" \t", at), line.size());
      at = std::min(line.find_first_of(" \t", at), line.size());
    } else if (word == "-n") {
      whole = true;
    } else if (!word.starts_with('-')) {
      part = word;
    }
  }
  return part.empty() ? main : whole ? part : main + "-" + part;
}

Sections sections_of(rpmSpec spec, const std::string& main) {
  Sections out;
  const char* raw = rpmSpecGetSection(spec, RPMBUILD_NONE);
  std::string_view text = raw ? raw : "";
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    at = end + 1;
    if (line == "%files" || line.starts_with("%files ") || line.starts_with("%files\t"))
      out.with_files.insert(files_name(line, main));
    out.dynamic = out.dynamic || line.starts_with("%generate_buildrequires");
  }
  return out;
}

void add_packages(rpmSpec spec, Recipe& recipe) {
  Sections sections;
  PackageWalk walk(rpmSpecPkgIterInit(spec));
  for (bool main = true; rpmSpecPkg package = rpmSpecPkgIterNext(walk.get()); main = false) {
    auto* header = rpmSpecPkgHeader(package);
    if (main) {
      recipe.name = text_of(header, RPMTAG_NAME);
      recipe.epoch = text_of(header, RPMTAG_EPOCH);
      recipe.version = text_of(header, RPMTAG_VERSION);
      recipe.release = text_of(header, RPMTAG_RELEASE);
      recipe.license = text_of(header, RPMTAG_LICENSE);
      recipe.url = text_of(header, RPMTAG_URL);
      recipe.summary = text_of(header, RPMTAG_SUMMARY);
      recipe.arch = text_of(header, RPMTAG_ARCH);
      sections = sections_of(spec, recipe.name);
      recipe.dynamic_build_requires = sections.dynamic;
    }
    CText list(rpmSpecPkgGetSection(package, RPMBUILD_FILE_LIST));
    Subpackage one{.name = text_of(header, RPMTAG_NAME), .arch = text_of(header, RPMTAG_ARCH)};
    if (!sections.with_files.contains(one.name)) continue;  // without %files no package is made
    one.provides = relations(header, RPMTAG_PROVIDENAME);
    one.needs = relations(header, RPMTAG_REQUIRENAME);
    if (list) one.files = files_of(list.get());
    auto epoch = text_of(header, RPMTAG_EPOCH);
    auto self = fmt::format("{} = {}{}{}-{}", one.name, epoch, epoch.empty() ? "" : ":",
                            text_of(header, RPMTAG_VERSION), text_of(header, RPMTAG_RELEASE));
    if (std::find(one.provides.begin(), one.provides.end(), self) == one.provides.end())
      one.provides.insert(one.provides.begin(), self);
    recipe.packages.push_back(std::move(one));
  }
}

void add_sources(rpmSpec spec, Recipe& recipe) {
  SourceWalk walk(rpmSpecSrcIterInit(spec));
  while (rpmSpecSrc source = rpmSpecSrcIterNext(walk.get())) {
    const char* name = rpmSpecSrcFilename(source, 0);
    if (!name || !*name) continue;
    std::error_code error;
    bool local = std::filesystem::is_regular_file(recipe.folder + "/" + name, error);
    (local ? recipe.files : recipe.missing).emplace_back(name);
  }
  for (auto* list : {&recipe.files, &recipe.missing}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
}

/// A file for rpm that says that this machine can build for `other`, too: rpm refuses to read its specs else.
Fd compatible(const std::string& other) {
  Fd file(::memfd_create("rpmrc", MFD_CLOEXEC));
  std::string text;
  for (std::string_view ours : {"x86_64", "aarch64"})
    text += fmt::format("buildarch_compat: {}: {} noarch\n", ours, other);
  if (file && !write_all(file.get(), text)) file.reset();
  return file;
}

void define(const std::string& name, const std::string& value) {
  rpmDefineMacro(nullptr, fmt::format("{} {}", name, value).c_str(), RMIL_CMDLINE);
}

}  // namespace

Result<void> start_rpm(const ReadOptions& options, const std::string& other) {
  ::setenv("HOME", "/nonexistent", 1);  // what a user keeps in ~/.rpmmacros would change packages
  ::unsetenv("XDG_CONFIG_HOME");
  rpmlogSetCallback(listen, nullptr);
  auto target = (other.empty() ? options.arch : other) + "-linux";
  auto table = other.empty() ? Fd() : compatible(other);
  auto files_of_rpm = fmt::format("/usr/lib/rpm/rpmrc:/proc/self/fd/{}", table.get());
  if (rpmReadConfigFiles(table ? files_of_rpm.c_str() : nullptr, target.c_str()) != 0)
    return fail(Kind::failed, "rpm.configuration", "rpm's configuration cannot be read",
                "install the package rpm-common, or rpm where there is none");
  auto files = options.more_macros;
  if (!options.macros.empty()) files.insert(files.begin(), options.macros);
  for (const auto& file : files)
    if (rpmLoadMacroFile(nullptr, file.c_str()) != 0)
      return fail(Kind::not_found, "forge.macros",
                  fmt::format("cannot read the macros of {}", shown(file, 300)));
  for (const auto& one : options.defines)
    if (rpmDefineMacro(nullptr, one.c_str(), RMIL_CMDLINE) != 0)
      return fail(Kind::usage, "forge.define", fmt::format("\"{}\" defines no macro", shown(one)),
                  "--define 'NAME VALUE'");
  return {};
}

Result<Recipe> parse_spec(const std::string& path, const ReadOptions& options,
                          const std::vector<std::string>& assumed, const std::string& arch) {
  Recipe recipe;
  recipe.assumed = assumed;
  if (!arch.empty()) {
    rpmFreeMacros(nullptr);
    rpmFreeRpmrc();
    PHOTON_CHECK(start_rpm(options, arch));
  }
  for (const auto& one : assumed) rpmDefineMacro(nullptr, one.c_str(), RMIL_CMDLINE);
  recipe.spec = path;
  recipe.folder = std::filesystem::path(path).parent_path().string();
  if (recipe.folder.empty()) recipe.folder = ".";
  define("_sourcedir", recipe.folder);
  define("_specdir", recipe.folder);
  define("_topdir", "/nonexistent");
  said().clear();
  // Of any architecture, for exclusive_arch says which; without its sources, for they are not here.
  SpecHandle spec(rpmSpecParse(path.c_str(), RPMSPEC_ANYARCH | RPMSPEC_FORCE, nullptr));
  if (!spec) return cannot_parse(path);
  add_packages(spec.get(), recipe);
  add_sources(spec.get(), recipe);
  recipe.build_requires = relations(rpmSpecDS(spec.get(), RPMTAG_REQUIRENAME));
  recipe.exclusive_arch = texts_of(rpmSpecSourceHeader(spec.get()), RPMTAG_EXCLUSIVEARCH);
  if (!arch.empty() && recipe.exclusive_arch.empty()) recipe.exclusive_arch = {arch};
  if (recipe.arch.empty()) recipe.arch = options.arch;
  return recipe;
}

}  // namespace photon::forge
