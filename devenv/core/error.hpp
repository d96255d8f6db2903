// Errors as values: made where the fault is known, worded once, rendered once (terminal, JSON, tray).
#pragma once
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace photon {

/// What sort of fault it is; the exit status of every program of ours follows from it (`exit_status`).
enum class Kind {
  failed,              ///< the work itself failed: a hook, a build (1)
  usage,               ///< wrong words on the command line, a file that does not parse (2)
  not_found,           ///< (3)
  conflict,            ///< it is there already, or in a state that forbids the action (4)
  needs_confirmation,  ///< the answer to repeat with a token; `details` says what would be lost (4)
  denied,              ///< no right, no login, an unknown host key (5)
  unavailable,         ///< daemon, network or registry away; trying again may help (6)
  no_space,            ///< disk or quota (7)
  corrupt,             ///< a digest or signature that does not match, a broken database (8)
  internal,            ///< a bug of ours (70)
  cancelled,           ///< Ctrl-C, a closed connection, an operation cancelled (130)
};

/// A place in a file; line and column count from 1, 0 means unknown.
struct Place {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  bool operator==(const Place&) const = default;
};

/// One fault. `code` is stable and for programs ("spec.syntax"); `message` is one sentence without a full
/// stop or newline; `hint` says how to mend it; `trace` says what was being done, innermost first.
struct Error {
  Kind kind = Kind::internal;
  std::string code;
  std::string message;
  std::optional<Place> where{};
  std::string hint{};
  std::vector<std::string> trace{};
  bool operator==(const Error&) const = default;
};

template <class T = void>
using Result = tl::expected<T, Error>;

/// `return fail(Kind::not_found, "environment.unknown", fmt::format(…), "devenv ls shows them");`
[[nodiscard]] tl::unexpected<Error> fail(Kind kind, std::string code, std::string message,
                                         std::string hint = {});
[[nodiscard]] tl::unexpected<Error> fail_at(Place where, Kind kind, std::string code, std::string message,
                                            std::string hint = {});
/// From errno; ENOSPC/EDQUOT become no_space, EACCES/EPERM denied, ENOENT not_found, others `otherwise`.
/// `what` is the action: "open /etc/x" gives "cannot open /etc/x: No such file or directory".
[[nodiscard]] tl::unexpected<Error> fail_errno(std::string_view what, int error,
                                               Kind otherwise = Kind::failed);
[[nodiscard]] tl::unexpected<Error> cancelled();

/// Adds a line to the trace: `return within(std::move(r.error()), "while cloning acme/web");`
[[nodiscard]] tl::unexpected<Error> within(Error error, std::string doing);

int exit_status(Kind kind);
/// The first kind of that exit status: what a program of ours meant by it.
std::optional<Kind> kind_of_status(int status);
std::string_view to_string(Kind kind);
std::optional<Kind> kind_from(std::string_view word);

/// "file:line:column: message" or "message", without hint and trace.
std::string sentence(const Error& error);

}  // namespace photon

// Declarations, never expressions (g++ 12 and 14 break on a co_await inside a statement expression).
#define PHOTON_CAT2(a, b) a##b
#define PHOTON_CAT(a, b) PHOTON_CAT2(a, b)
#define PHOTON_TRY_IMPL(hidden, declaration, ...)                                   \
  auto hidden = (__VA_ARGS__);                                                      \
  if (!hidden) return ::tl::unexpected<::photon::Error>(std::move(hidden).error()); \
  declaration = std::move(hidden).value()
#define PHOTON_CHECK_IMPL(hidden, ...)      \
  if (auto hidden = (__VA_ARGS__); !hidden) \
  return ::tl::unexpected<::photon::Error>(std::move(hidden).error())
#define PHOTON_CO_TRY_IMPL(hidden, declaration, ...)                                   \
  auto hidden = (__VA_ARGS__);                                                         \
  if (!hidden) co_return ::tl::unexpected<::photon::Error>(std::move(hidden).error()); \
  declaration = std::move(hidden).value()
#define PHOTON_CO_CHECK_IMPL(hidden, ...)   \
  if (auto hidden = (__VA_ARGS__); !hidden) \
  co_return ::tl::unexpected<::photon::Error>(std::move(hidden).error())

/// `PHOTON_TRY(auto repository, open(path));`
#define PHOTON_TRY(declaration, ...) \
  PHOTON_TRY_IMPL(PHOTON_CAT(photon_try_, __COUNTER__), declaration, __VA_ARGS__)
/// `PHOTON_CHECK(remove(path));` for a Result<void>, or a value that is not wanted.
#define PHOTON_CHECK(...) PHOTON_CHECK_IMPL(PHOTON_CAT(photon_try_, __COUNTER__), __VA_ARGS__)
#define PHOTON_CO_TRY(declaration, ...) \
  PHOTON_CO_TRY_IMPL(PHOTON_CAT(photon_try_, __COUNTER__), declaration, __VA_ARGS__)
#define PHOTON_CO_CHECK(...) PHOTON_CO_CHECK_IMPL(PHOTON_CAT(photon_try_, __COUNTER__), __VA_ARGS__)
