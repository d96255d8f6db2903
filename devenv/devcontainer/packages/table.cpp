// Which commands there are, and what each of them takes.
#include <array>

#include "devenv/devcontainer/packages/command.hpp"

namespace photon::devcontainer {
namespace {

constexpr std::array<std::string_view, 4> all_levels{"error", "info", "debug", "trace"};
constexpr std::array<std::string_view, 2> formats{"text", "json"};
constexpr std::array<std::string_view, 4> info_modes{"manifest", "tags", "dependencies", "verbose"};

constexpr Option workspace{"workspace-folder", Takes::text,
                           "folder whose configuration is meant; else the current one"};
constexpr Option config{"config", Takes::text,
                        "devcontainer.json; else .devcontainer/devcontainer.json, .devcontainer.json"};
constexpr Option output_format{"output-format", Takes::choice, "text or json", formats};
constexpr Option levels{"log-level", Takes::choice,
                        "least level on standard error: error, info, debug, trace", all_levels};

constexpr std::array info_options{output_format};
constexpr std::array<Positional, 2> info_positionals{
    {{"mode", "manifest, tags, dependencies or verbose: all of them", info_modes},
     {"feature", "REGISTRY/NAMESPACE/ID:TAG"}}};

constexpr std::array resolve_options{workspace, levels};

constexpr std::array outdated_options{
    Option{"user-data-folder", Takes::text, "a folder of the reference's own; nothing is kept there"},
    workspace,
    config,
    output_format,
    Option{"log-format", Takes::choice, "text or json", formats},
    Option{"terminal-columns", Takes::number, "width of the terminal; goes with --terminal-rows"},
    Option{"terminal-rows", Takes::number, "height of the terminal; goes with --terminal-columns"}};

constexpr std::array upgrade_options{
    workspace,
    Option{"docker-path", Takes::text, "accepted; no engine is asked"},
    Option{"docker-compose-path", Takes::text, "accepted; likewise"},
    config,
    levels,
    Option{"dry-run", Takes::flag, "print the lock file instead of writing it"},
    Option{.name = "feature",
           .takes = Takes::text,
           .help = "the one whose tag is changed",
           .hidden = true,
           .letter = 'f'},
    Option{.name = "target-version",
           .takes = Takes::text,
           .help = "its new tag",
           .hidden = true,
           .letter = 'v'}};

constexpr std::array<PackageCommand, 4> table{{
    {"features info", "Fetch metadata for a published Feature", features_info, info_options,
     info_positionals},
    {"features resolve-dependencies",
     "Read and resolve dependency graph from a configuration",
     features_resolve_dependencies,
     resolve_options,
     {},
     LogLevel::error},
    {"outdated", "Show current and available versions", outdated, outdated_options},
    {"upgrade", "Upgrade lockfile", upgrade, upgrade_options},
}};

}  // namespace

std::span<const PackageCommand> package_commands() { return table; }

}  // namespace photon::devcontainer
