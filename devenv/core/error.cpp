#include "devenv/core/error.hpp"

#include <array>
#include <cerrno>

namespace photon {
namespace {

struct Row {
  Kind kind;
  std::string_view word;
  int status;
};
// The one table of kinds: words for JSON, statuses for shells.
constexpr std::array rows{
    Row{Kind::failed, "failed", 1},
    Row{Kind::usage, "usage", 2},
    Row{Kind::not_found, "not-found", 3},
    Row{Kind::conflict, "conflict", 4},
    Row{Kind::needs_confirmation, "needs-confirmation", 4},
    Row{Kind::denied, "denied", 5},
    Row{Kind::unavailable, "unavailable", 6},
    Row{Kind::no_space, "no-space", 7},
    Row{Kind::corrupt, "corrupt", 8},
    Row{Kind::internal, "internal", 70},
    Row{Kind::cancelled, "cancelled", 130},
};

Kind kind_of(int error, Kind otherwise) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Kind::no_space;
    case EACCES:
    case EPERM:
      return Kind::denied;
    case ENOENT:
      return Kind::not_found;
    default:
      return otherwise;
  }
}

}  // namespace

tl::unexpected<Error> fail(Kind kind, std::string code, std::string message, std::string hint) {
  return tl::unexpected(Error{kind, std::move(code), std::move(message), std::nullopt, std::move(hint), {}});
}

tl::unexpected<Error> fail_at(Place where, Kind kind, std::string code, std::string message,
                              std::string hint) {
  return tl::unexpected(
      Error{kind, std::move(code), std::move(message), std::move(where), std::move(hint), {}});
}

tl::unexpected<Error> fail_errno(std::string_view what, int error, Kind otherwise) {
  std::array<char, 128> buffer{};
  const Kind kind = kind_of(error, otherwise);
  return fail(kind, "system",
              fmt::format("cannot {}: {}", what, strerror_r(error, buffer.data(), buffer.size())),
              kind == Kind::no_space ? "make space there, then run the command again" : "");
}

tl::unexpected<Error> cancelled() { return fail(Kind::cancelled, "cancelled", "interrupted"); }

tl::unexpected<Error> within(Error error, std::string doing) {
  error.trace.push_back(std::move(doing));
  return tl::unexpected(std::move(error));
}

int exit_status(Kind kind) {
  for (const auto& row : rows)
    if (row.kind == kind) return row.status;
  return 70;
}

std::optional<Kind> kind_of_status(int status) {
  for (const auto& row : rows)
    if (row.status == status) return row.kind;
  return std::nullopt;
}

std::string_view to_string(Kind kind) {
  for (const auto& row : rows)
    if (row.kind == kind) return row.word;
  return "internal";
}

std::optional<Kind> kind_from(std::string_view word) {
  for (const auto& row : rows)
    if (row.word == word) return row.kind;
  return std::nullopt;
}

std::string sentence(const Error& error) {
  if (!error.where) return error.message;
  if (error.where->line == 0) return fmt::format("{}: {}", error.where->file, error.message);
  if (error.where->column == 0)
    return fmt::format("{}:{}: {}", error.where->file, error.where->line, error.message);
  return fmt::format("{}:{}:{}: {}", error.where->file, error.where->line, error.where->column,
                     error.message);
}

}  // namespace photon
