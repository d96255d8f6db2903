#include "packages/rpm/transaction_journal.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>

#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "packages/rpm/transaction.hpp"

namespace photon::rpm {
namespace {

constexpr std::string_view words[] = {"install", "reinstall", "upgrade", "downgrade", "erase", "replace"};

json::object to_json(const Nevra& nevra) {
  return {{"name", nevra.name}, {"evr", to_string(nevra.evr)}, {"arch", nevra.arch}};
}

Result<Nevra> nevra_from(const json::value& value) {
  PHOTON_TRY(auto name, text_member(value, "name"));
  PHOTON_TRY(auto evr, text_member(value, "evr"));
  PHOTON_TRY(auto arch, text_member(value, "arch"));
  return Nevra{std::move(name), evr_from(evr), std::move(arch)};
}

Result<Step> step_from(const json::value& value) {
  PHOTON_TRY(auto word, text_member(value, "action"));
  const auto* found = std::ranges::find(words, word);
  if (found == std::end(words)) return fail(Kind::corrupt, "rpm.journal", "the record has an unknown action");
  Step step;
  step.action = static_cast<Action>(found - words);
  PHOTON_TRY(step.item.nevra, nevra_from(value));
  step.item.location = text_or(value, "location");
  if (const auto* before = member(value, "before")) {
    PHOTON_TRY(step.before, nevra_from(*before));
  }
  return step;
}

}  // namespace

std::string journal_path(const std::string& root) {
  return root + std::string(database_folder) + "/photon-transaction";
}

Result<void> write_journal(const std::string& root, const std::vector<Step>& steps) {
  json::array list;
  for (const auto& step : steps) {
    auto row = to_json(step.item.nevra);
    row["action"] = words[static_cast<std::size_t>(step.action)];
    row["location"] = step.item.location;
    if (step.before) row["before"] = to_json(*step.before);
    list.push_back(std::move(row));
  }
  return write_file(journal_path(root), write_json(json::object{{"steps", std::move(list)}}) + "\n", 0600);
}

void note_started(int journal, std::string_view package) {
  auto line = fmt::format("{}\n", package);
  [[maybe_unused]] auto ignored = ::write(journal, line.data(), line.size());
}

Result<std::optional<Journal>> read_journal(const std::string& root) {
  auto path = journal_path(root);
  if (::access(path.c_str(), F_OK) != 0) return std::nullopt;
  PHOTON_TRY(auto text, read_file(path, 64 << 20));
  auto end = text.find('\n');
  PHOTON_TRY(auto value,
             parse_json(std::string_view(text).substr(0, end), "the record of a transaction", 64 << 20));
  Journal journal;
  const auto* steps = member(value, "steps");
  if (!steps || !steps->is_array())
    return fail_at({path}, Kind::corrupt, "rpm.journal", "the record of a transaction is damaged");
  for (const auto& row : steps->as_array()) {
    PHOTON_TRY(auto step, step_from(row));
    journal.steps.push_back(std::move(step));
  }
  for (auto at = end == std::string::npos ? text.size() : end + 1; at < text.size();) {
    auto next = text.find('\n', at);
    if (next == std::string::npos) break;  // half a line: the package was not begun
    journal.started.push_back(text.substr(at, next - at));
    at = next + 1;
  }
  return journal;
}

void remove_journal(const std::string& root) { ::unlink(journal_path(root).c_str()); }

std::vector<Step> remaining_steps(const Journal& journal, const std::set<std::string>& installed) {
  std::vector<Step> left;
  std::string last = journal.started.empty() ? "" : journal.started.back();
  for (auto step : journal.steps) {
    auto name = to_string(step.item.nevra);
    bool there = installed.contains(name);
    if (step.action == Action::erase) {
      if (there) left.push_back(step);
      continue;
    }
    bool old_there =
        step.before && installed.contains(to_string(*step.before)) && *step.before != step.item.nevra;
    // The one that was being worked on may lack files, triggers or scriptlets although the database has it.
    if (there && name == last) step.action = Action::reinstall;
    if (!there || name == last) {
      left.push_back(step);
    }
    if (there && old_there) left.push_back({.action = Action::erase, .item = {.nevra = *step.before}});
  }
  return left;
}

std::vector<Step> without_done(std::vector<Step> steps, const std::set<std::string>& installed) {
  std::erase_if(steps, [&](const Step& step) {
    bool there = installed.contains(to_string(step.item.nevra));
    return step.action == Action::erase ? !there : there && step.action != Action::reinstall;
  });
  return steps;
}

}  // namespace photon::rpm
