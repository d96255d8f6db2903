#include "devenv/spec/reference/collection_docs.hpp"

#include <algorithm>

namespace photon::spec::reference {
namespace {

/// What stands between the parts that are put in, in their order.
constexpr std::string_view feature_page =
    "\n# #{Name}\n\n#{Description}\n\n## Example Usage\n\n```json\n\"features\": {\n"
    "    \"#{Registry}/#{Namespace}/#{Id}:#{Version}\": "
    "{}\n}\n```\n\n#{OptionsTable}\n#{Customizations}\n#{Notes}\n\n---\n\n"
    "_Note: This file was auto-generated from the [devcontainer-feature.json](#{RepoUrl}).  Add additional "
    "notes to a "
    "`NOTES.md`._\n";
constexpr std::string_view template_page =
    "\n# #{Name}\n\n#{Description}\n\n#{OptionsTable}\n\n#{Notes}\n\n---\n\n"
    "_Note: This file was auto-generated from the [devcontainer-template.json](#{RepoUrl}).  Add additional "
    "notes to a "
    "`NOTES.md`._\n";

/// text.replace(what, with): the first place alone, and '$' with a sign behind it is a part of what stood
/// there.
void put(std::string& text, std::string_view what, std::string_view with) {
  auto at = text.find(what);
  if (at == text.npos) return;
  auto before = text.substr(0, at), behind = text.substr(at + what.size());
  std::string made;
  for (std::size_t i = 0; i < with.size(); ++i) {
    char next = with[i] == '$' && i + 1 < with.size() ? with[i + 1] : '\0';
    if (next == '$')
      made += '$';
    else if (next == '&')
      made += what;
    else if (next == '`')
      made += before;
    else if (next == '\'')
      made += behind;
    else {
      made += with[i];
      continue;
    }
    ++i;
  }
  text = before + made + behind;
}

Result<std::string> options_table(const Value& said) {
  const Value& options = said.at("options");
  if (!options.truthy()) return std::string();
  std::string rows;
  for (const auto& name : spread(options).names()) {
    const Value option = spread(options).find(name) ? *spread(options).find(name) : Value();
    auto cell = [&](std::string_view member) {
      return option.at(member).truthy() ? option.at(member).to_text() : "-";
    };
    PHOTON_TRY(const auto* usual, option.member("default"));
    bool nothing = usual->text() && usual->text()->empty();
    rows += fmt::format("{}| {} | {} | {} | {} |", rows.empty() ? "" : "\n", name, cell("description"),
                        cell("type"), nothing ? "-" : usual->to_text());
  }
  return "## Options\n\n| Options Id | Description | Type | Default Value |\n|-----|-----|-----|-----|\n" +
         rows;
}

Result<std::string> major_version(const Value& said) {
  const Value& version = said.at("version");
  if (!version.truthy()) return std::string("latest");
  if (!version.text()) return type_error("parsedVersion.split is not a function");
  return version.text()->substr(0, version.text()->find('.'));
}

/// Each in a pair of signs, with `between` them.
std::string listed(const List& list, std::string_view begin, std::string_view end, std::string_view between) {
  std::string text;
  for (const auto& one : list)
    text += fmt::format("{}{}{}{}", text.empty() ? "" : between, begin, one.to_text(), end);
  return text;
}

Result<std::string> notice(const Value& said) {
  const Value& old = said.at("legacyIds");
  bool some = old.list() && !old.list()->empty();
  if (old.text() && !old.text()->empty()) return type_error("parsedJson.legacyIds.map is not a function");
  if (!said.at("deprecated").truthy() && !some) return std::string();
  std::string text = "### **IMPORTANT NOTE**\n";
  if (said.at("deprecated").truthy())
    text += "- **This Feature is deprecated, and will no longer receive any further updates/support.**\n";
  if (some)
    text += fmt::format("- **Ids used to publish this Feature in the past - {}**\n",
                        listed(*old.list(), "'", "'", ", "));
  return text;
}

std::string extensions(const Value& said) {
  const Value& list = said.at("customizations").at("vscode").at("extensions");
  if (!list.list() || list.list()->empty()) return "";
  return fmt::format("\n## Customizations\n\n### VS Code Extensions\n\n{}\n",
                     listed(*list.list(), "- `", "`", "\n"));
}

std::string address(const DocsSource& source) {
  if (source.owner.empty() || source.repository.empty()) return source.file;
  auto base = source.base.starts_with("./") ? source.base.substr(2) : source.base;
  return fmt::format("https://github.com/{}/{}/blob/main/{}/{}/{}", source.owner, source.repository, base,
                     source.folder, source.file);
}

Result<std::string> page(std::string_view form, const Value& said, const DocsSource& source) {
  std::string text(form);
  auto id = said.at("id").to_text();
  put(text, "#{Id}", id);
  put(text, "#{Name}", said.at("name").truthy() ? fmt::format("{} ({})", said.at("name").to_text(), id) : id);
  put(text, "#{Description}", said.at("description").nothing() ? "" : said.at("description").to_text());
  PHOTON_TRY(auto options, options_table(said));
  put(text, "#{OptionsTable}", options);
  put(text, "#{Notes}", source.notes);
  put(text, "#{RepoUrl}", address(source));
  put(text, "#{Registry}", source.registry);
  put(text, "#{Namespace}", source.collection);
  PHOTON_TRY(auto version, major_version(said));
  put(text, "#{Version}", version);
  put(text, "#{Customizations}", extensions(said));
  PHOTON_TRY(auto above, notice(said));
  return above + text;
}

}  // namespace

Result<std::string> feature_docs(const Value& said, const DocsSource& source) {
  return page(feature_page, said, source);
}
Result<std::string> template_docs(const Value& said, const DocsSource& source) {
  return page(template_page, said, source);
}

}  // namespace photon::spec::reference
