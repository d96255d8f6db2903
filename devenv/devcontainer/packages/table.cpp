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

constexpr std::array<Positional, 1> target{{{"target", "folder of one, or of a folder for each"}}};
constexpr std::array package_options{
    Option{
        .name = "output-folder", .takes = Takes::text, .help = "where packages go; ./output", .letter = 'o'},
    Option{
        .name = "force-clean-output-folder", .takes = Takes::flag, .help = "empty it before", .letter = 'f'}};

constexpr Option collection{.name = "namespace",
                            .takes = Takes::text,
                            .help = "of the collection: OWNER/REPOSITORY",
                            .letter = 'n',
                            .required = true};
constexpr Option registry{.name = "registry", .takes = Takes::text, .help = "its host", .letter = 'r'};
constexpr std::array publish_options{registry, collection};

constexpr Option project{.name = "project-folder",
                         .takes = Takes::text,
                         .help = "folder of a folder for each; the current one",
                         .letter = 'p'};
constexpr Option owner{"github-owner", Takes::text, "of the repository that is linked to"};
constexpr Option repository{"github-repo", Takes::text, "that is linked to"};
constexpr std::array feature_docs_options{project, registry, collection, owner, repository};
constexpr std::array template_docs_options{project, owner, repository};

constexpr std::array<Positional, 1> template_id{{{"templateId", "REGISTRY/NAMESPACE/ID:TAG"}}};
constexpr std::array apply_options{
    Option{.name = "workspace-folder",
           .takes = Takes::text,
           .help = "where it goes; the current folder",
           .letter = 'w'},
    Option{.name = "template-id",
           .takes = Takes::text,
           .help = "REGISTRY/NAMESPACE/ID:TAG",
           .letter = 't',
           .required = true},
    Option{.name = "template-args", .takes = Takes::text, .help = "its options, as JSON", .letter = 'a'},
    Option{.name = "features",
           .takes = Takes::text,
           .help = R"([{"id": ID, "options": {…}}, …], as JSON)",
           .letter = 'f'},
    Option{"tmp-dir", Takes::text, "accepted; nothing is written beside the workspace"},
    Option{"omit-paths", Takes::text, R"(what is left out, as JSON: ["file.ts", "folder/*"])"}};

constexpr std::array<PackageCommand, 11> table{{
    {"features package", "Package Features", features_package, package_options, target},
    {"features publish", "Package and publish Features", features_publish, publish_options, target},
    {"features info", "Fetch metadata for a published Feature", features_info, info_options,
     info_positionals},
    {"features resolve-dependencies",
     "Read and resolve dependency graph from a configuration",
     features_resolve_dependencies,
     resolve_options,
     {},
     LogLevel::error},
    {"features generate-docs", "Generate documentation", features_generate_docs, feature_docs_options},
    {"templates apply", "Apply a template to the project", templates_apply, apply_options},
    {"templates publish", "Package and publish templates", templates_publish, publish_options, target},
    {"templates metadata", "Fetch a published Template's metadata", templates_metadata, {}, template_id},
    {"templates generate-docs", "Generate documentation", templates_generate_docs, template_docs_options},
    {"outdated", "Show current and available versions", outdated, outdated_options},
    {"upgrade", "Upgrade lockfile", upgrade, upgrade_options},
}};

}  // namespace

std::span<const PackageCommand> package_commands() { return table; }

}  // namespace photon::devcontainer
