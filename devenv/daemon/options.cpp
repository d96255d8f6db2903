#include "devenv/daemon/options.hpp"

#include "devenv/core/name.hpp"

namespace photon::daemon {

Result<log::Level> level_from(std::string_view word) {
  if (word == "debug") return log::Level::debug;
  if (word == "info") return log::Level::info;
  if (word == "warning") return log::Level::warning;
  if (word == "error") return log::Level::error;
  return fail(Kind::usage, "daemon.level", fmt::format("{} is not a log level", shown(word)),
              "debug, info, warning and error are");
}

std::string_view usage_text() {
  return "usage: devenvd [--system] [--foreground] [--log-level LEVEL]\n"
         "       devenvd check\n"
         "       devenvd hold RUNTIME\n"
         "\n"
         "  --system      serve the whole machine (root always does)\n"
         "  --foreground  log to the terminal\n"
         "  --log-level   debug, info, warning or error\n"
         "  check         tell as JSON what this machine offers, and start nothing (devenv doctor asks)\n"
         "  hold          keep the namespaces of an ordinary user open (devenvd starts this itself)\n";
}

Result<Options> parse_options(int argc, const char* const* argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    bool more = i + 1 < argc;
    if (word == "--system") {
      options.system = true;
    } else if (word == "--foreground") {
      options.foreground = true;
    } else if (word == "--help" || word == "-h") {
      options.help = true;
    } else if (word == "--version") {
      options.version = true;
    } else if (word == "--log-level" && more) {
      PHOTON_TRY(options.level, level_from(argv[++i]));
    } else if (word.starts_with("--log-level=")) {
      PHOTON_TRY(options.level, level_from(word.substr(12)));
    } else if (word == "check" && argc == 2) {
      options.check = true;
    } else if (word == "hold" && more && argc == 3) {
      options.hold = argv[++i];
    } else {
      return fail(Kind::usage, "daemon.usage", fmt::format("devenvd does not know {} here", shown(word)),
                  "devenvd --help shows what it knows");
    }
  }
  return options;
}

}  // namespace photon::daemon
