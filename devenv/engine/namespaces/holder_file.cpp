#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "devenv/engine/namespaces/parts.hpp"

namespace photon::namespaces {

std::string holder_file(const std::string& runtime) { return runtime + "/holder"; }

unsigned long long start_time(pid_t pid) {
  auto text = read_file(fmt::format("/proc/{}/stat", pid));
  if (!text) return 0;
  // The name is in parentheses and may itself contain some: the last one ends it.
  auto name_end = text->rfind(')');
  if (name_end == text->npos || name_end + 2 >= text->size()) return 0;
  char state = (*text)[name_end + 2];
  if (state == 'Z' || state == 'X') return 0;
  std::size_t at = name_end + 2;
  for (int field = 3; field < 22; ++field) {
    at = text->find(' ', at);
    if (at == text->npos) return 0;
    ++at;
  }
  return std::strtoull(text->c_str() + at, nullptr, 10);
}

Result<Living> find_holder(const std::string& runtime) {
  Living found;
  auto text = read_file(holder_file(runtime), 4096);
  if (!text) {
    if (text.error().kind == Kind::not_found) return found;
    return tl::unexpected<Error>(text.error());
  }
  Holder named;
  if (std::sscanf(text->c_str(), "%d %llu", &named.pid, &named.started) != 2 || named.pid <= 1) return found;
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, named.pid, 0)));
  // The start time is read after the pidfd was opened: what it names cannot change any more.
  if (!pidfd || named.started == 0 || start_time(named.pid) != named.started) return found;
  found.holder = named;
  found.pidfd = std::move(pidfd);
  return found;
}

Result<void> record_holder(const std::string& runtime, pid_t pid) {
  return write_file(holder_file(runtime), fmt::format("{} {} {}\n", pid, start_time(pid), namespace_of(pid)));
}

std::string namespace_of(pid_t pid) {
  char target[64];
  ssize_t size = ::readlink(fmt::format("/proc/{}/ns/user", pid).c_str(), target, sizeof target);
  return size > 0 ? std::string(target, static_cast<std::size_t>(size)) : std::string();
}

std::string recorded_namespace(const std::string& runtime) {
  auto text = read_file(holder_file(runtime), 256).value_or("");
  auto at = text.find("user:[");
  return at == text.npos ? "" : text.substr(at, text.find('\n', at) - at);
}

}  // namespace photon::namespaces
