#include "packages/rpm/transaction_problems.hpp"

#include <rpm/rpmlog.h>
#include <rpm/rpmprob.h>
#include <rpm/rpmps.h>
#include <algorithm>

#include "devenv/core/name.hpp"

namespace photon::rpm {
namespace {

struct Sort {
  Kind kind;
  const char* code;
  const char* hint;
};

Sort sort_of(rpmProblemType type) {
  switch (type) {
    case RPMPROB_NEW_FILE_CONFLICT:
    case RPMPROB_FILE_CONFLICT:
      return {Kind::conflict, "rpm.file_conflict",
              "two packages want one path; leave one of them out, or have it mended"};
    case RPMPROB_DISKSPACE:
    case RPMPROB_DISKNODES:
      return {Kind::no_space, "rpm.space", "make room, or install less; nothing has been changed"};
    case RPMPROB_REQUIRES:
    case RPMPROB_CONFLICT:
    case RPMPROB_OBSOLETES:
      return {Kind::conflict, "rpm.dependencies",
              "solve the request again: what is installed has changed meanwhile"};
    case RPMPROB_BADARCH:
    case RPMPROB_BADOS:
      return {Kind::usage, "rpm.arch", "say which architecture the root is for"};
    case RPMPROB_VERIFY:
      return {Kind::corrupt, "rpm.signature",
              "fetch it again; if that does not help, the repository is not to be trusted"};
    default:
      return {Kind::conflict, "rpm.installed", "solve the request again"};
  }
}

}  // namespace

Result<void> problems_of(rpmts set, const std::string& root) {
  Handle<std::remove_pointer_t<rpmps>, rpmpsFree> problems(rpmtsProblems(set));
  if (rpmpsNumProblems(problems.get()) == 0) return {};
  Handle<std::remove_pointer_t<rpmpsi>, rpmpsFreeIterator> each(rpmpsInitIterator(problems.get()));
  std::vector<std::string> texts;
  std::optional<Sort> sort;
  std::size_t more = 0;
  while (auto* problem = rpmpsiNext(each.get())) {
    if (!sort) sort = sort_of(rpmProblemGetType(problem));
    std::unique_ptr<char, decltype(&std::free)> text(rpmProblemString(problem), std::free);
    if (texts.size() < 3)
      texts.push_back(shown(text ? text.get() : "", 300));
    else
      ++more;
  }
  auto message = fmt::format("{}", fmt::join(texts, "; "));
  if (more > 0) message += fmt::format(" (and {} more)", more);
  rpmtsCleanProblems(set);
  return fail(sort->kind, sort->code, fmt::format("nothing is changed below {}: {}", root, message),
              sort->hint);
}

Result<void> outcome_of(int status, const std::vector<std::string>& failed, const Messages& messages,
                        const std::string& root, const std::string& output) {
  auto line_with = [&](std::string_view words) {
    auto found = std::ranges::find_if(
        messages.lines(), [&](const auto& line) { return line.text.find(words) != std::string::npos; });
    return found == messages.lines().end() ? std::string() : shown(found->text, 300);
  };
  if (status != 0 || !failed.empty()) {
    auto full = line_with("No space left");
    if (!full.empty())
      return fail(Kind::no_space, "rpm.space", fmt::format("the disk is full below {}: {}", root, full),
                  "make room, then ask for it again");
    // The scriptlet before the files: the package is not installed.
    auto script = line_with("scriptlet failed");
    if (!script.empty())
      return fail(Kind::failed, "rpm.script",
                  fmt::format("{}{}{}", script, output.empty() ? "" : ": ", output),
                  "the packages after it were installed; mend the package, then run it again");
    return fail(Kind::failed, "rpm.transaction",
                fmt::format("{} could not be installed below {}: {}",
                            failed.empty() ? "a package" : fmt::format("{}", fmt::join(failed, ", ")), root,
                            messages.last()),
                "mend the cause, then ask for it again");
  }
  if (auto owner = line_with("does not exist - using root"); !owner.empty())
    return fail(Kind::failed, "rpm.owner",
                fmt::format("files below {} have got the wrong owner: {}", root, owner),
                "the package has to require (pre) the one that makes its users and groups");
  if (auto script = line_with("scriptlet failed"); !script.empty())
    return fail(Kind::failed, "rpm.script", fmt::format("{}{}{}", script, output.empty() ? "" : ": ", output),
                "everything is installed; the scriptlet's work is missing");
  return {};
}

}  // namespace photon::rpm
