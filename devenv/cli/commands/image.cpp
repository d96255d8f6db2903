#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Option import_options[] = {
    {"--name", "-n", "REFERENCE", "name of the image (the archive's own otherwise)"}};
constexpr Positional import_positionals[] = {
    {"ARCHIVE", "an OCI or Docker archive, or an OCI layout's folder", true, Completes::files}};
constexpr Example import_examples[] = {
    {"devenv image import base.tar --name localhost/base:1", "an image without any registry"},
    {"docker save -o tools.tar acme/tools && devenv image import tools.tar", "from another engine"}};
constexpr Option ls_options[] = {
    {"--all", "-a", "", "a row also for each layer of a feature and what else is kept"}};
constexpr Example ls_examples[] = {{"devenv image ls", "images and their sizes"},
                                   {"devenv image ls --json | jq -r '.[].name'", "their names"},
                                   {"devenv image ls --all", "all that takes space"}};
constexpr Positional rm_positionals[] = {{"REFERENCE", "the image's name", true, Completes::images}};
constexpr Example rm_examples[] = {{"devenv image rm localhost/base:1", "its layers go with the next gc"},
                                   {"devenv image rm debian:12 && devenv image gc", "frees the space now"}};
constexpr Example gc_examples[] = {{"devenv image gc", "deletes what no environment and no image uses"},
                                   {"devenv image gc --json | jq .freed", "bytes"}};

constexpr Positional export_positionals[] = {{"REFERENCE", "the image's name", true, Completes::images},
                                             {"FILE", "a new file, of OCI's layout", true, Completes::files}};
constexpr Example export_examples[] = {
    {"devenv image export localhost/web web.tar", "an archive that skopeo, ctr and docker load read"},
    {"devenv image export localhost/web web.tar && scp web.tar build@host:",
     "to a machine without registry"}};
constexpr Positional pull_positionals[] = {{"REFERENCE", "the image's name, with its registry", true}};
constexpr Example pull_examples[] = {
    {"devenv image pull debian:12", "what `devenv up` would fetch, now"},
    {"devenv image pull registry.example.org/team/web:2", "with your login for that registry"}};

/// The daemon opens the file, and has another current folder.
Result<std::string> archive_path(const std::string& typed) {
  std::error_code error;
  auto path = std::filesystem::canonical(typed, error);
  if (error) return fail(Kind::not_found, "cli.archive", fmt::format("there is no archive {}", typed));
  return path.string();
}

Result<int> import(Context& context) {
  Interrupt interrupt;
  PHOTON_TRY(auto path, archive_path(context.arguments.positional(0)));
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto operation, daemon->import_image({.path = path, .name = context.arguments.text("--name")}));
  PHOTON_TRY(auto ended, follow(context, operation, interrupt));
  if (context.json()) PHOTON_CHECK(context.print_json(wire::to_json(ended)));
  context.tell("imported\n  devenv image ls\n");
  return 0;
}

/// The daemon makes the file, and follows no link on its way there.
Result<std::string> new_archive(const std::string& typed) {
  std::error_code error;
  auto path = std::filesystem::absolute(typed, error);
  auto folder = std::filesystem::canonical(path.parent_path(), error);
  if (error)
    return fail(Kind::not_found, "cli.archive",
                fmt::format("there is no folder {}", path.parent_path().string()));
  return (folder / path.filename()).string();
}

Result<int> save(Context& context) {
  Interrupt interrupt;
  PHOTON_TRY(auto path, new_archive(context.arguments.positional(1)));
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto operation, daemon->export_image({.path = path, .name = context.arguments.positional(0)}));
  PHOTON_TRY(auto ended, follow(context, operation, interrupt));
  if (context.json()) PHOTON_CHECK(context.print_json(wire::to_json(ended)));
  context.tell(fmt::format("exported\n  {}\n", harmless(path)));
  return 0;
}

Result<int> pull(Context& context) {
  Interrupt interrupt;
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto paths, user_paths());
  PHOTON_TRY(auto operation, daemon->pull_image({.name = context.arguments.positional(0),
                                                 .caller = client::this_caller(paths)}));
  PHOTON_TRY(auto ended, follow(context, operation, interrupt));
  if (context.json()) PHOTON_CHECK(context.print_json(wire::to_json(ended)));
  context.tell("pulled\n  devenv image ls\n");
  return 0;
}

/// One line of what is no image, for whoever wonders where the disk went; "" = there is nothing else.
std::string words_about(const std::vector<wire::Image>& kept) {
  std::uint64_t layers = 0;
  std::uint64_t bytes_of_layers = 0;
  std::vector<std::string> parts;
  for (const auto& one : kept) {
    if (one.kind == "feature") {
      ++layers;
      bytes_of_layers += one.size;
    } else if (one.kind != "image") {
      parts.push_back(fmt::format("{} {}", harmless(one.name), size_words(one.size)));
    }
  }
  if (layers > 0)
    parts.insert(parts.begin(), fmt::format("{} {} of features {}", layers, layers == 1 ? "layer" : "layers",
                                            size_words(bytes_of_layers)));
  if (parts.empty()) return "";
  return fmt::format(
      "\n  beside them: {}\n  devenv image ls --all lists them, devenv image gc deletes what nothing uses\n",
      fmt::join(parts, ", "));
}

Result<void> print_images(Context& context, const std::vector<wire::Image>& images, bool with_kind) {
  std::vector<std::string> header{"NAME", "SIZE", "DIGEST"};
  if (with_kind) header.insert(header.begin() + 1, "KIND");
  std::vector<std::vector<std::string>> rows;
  for (const auto& image : images) {
    if (!with_kind && image.kind != "image") continue;
    std::vector<std::string> row{harmless(image.name), size_words(image.size), image.digest.substr(0, 19)};
    if (with_kind) row.insert(row.begin() + 1, harmless(image.kind));
    rows.push_back(std::move(row));
  }
  if (rows.empty()) {
    context.tell(
        "no images yet\n  devenv up brings what it needs; devenv image import ARCHIVE needs no registry\n");
    return {};
  }
  return context.print(table(header, rows, look_at(1), look_at(1).drawing ? width_of(1) : 0));
}

Result<int> list(Context& context) {
  const bool whole = context.arguments.flag("--all");
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto images, daemon->images(whole || !context.json()));
  if (context.json()) {
    json::array all;
    for (const auto& image : images) all.push_back(wire::to_json(image));
    PHOTON_CHECK(context.print_json(all));
    return 0;
  }
  PHOTON_CHECK(print_images(context, images, whole));
  if (!whole) context.tell(words_about(images));
  return 0;
}

Result<int> remove(Context& context) {
  PHOTON_TRY(auto* daemon, context.daemon());
  auto name = context.arguments.positional(0);
  PHOTON_CHECK(daemon->remove_image(name));
  if (context.json()) PHOTON_CHECK(context.print_json(json::object{{"removed", name}}));
  context.tell(fmt::format("{} is deleted\n", name));
  return 0;
}

Result<int> collect(Context& context) {
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto freed, daemon->collect_images());
  if (context.json()) PHOTON_CHECK(context.print_json(json::object{{"freed", freed}}));
  context.tell(fmt::format("{} freed\n", size_words(freed)));
  return 0;
}

}  // namespace

extern const Command image_import_command{"image import",  "bring in an image from an archive",
                                          import_options,  import_positionals,
                                          import_examples, import};
extern const Command image_export_command{
    "image export", "write an image into an archive", {}, export_positionals, export_examples, save};
extern const Command image_pull_command{
    "image pull", "fetch an image from its registry", {}, pull_positionals, pull_examples, pull};
extern const Command image_ls_command{"image ls", "list images", ls_options, {}, ls_examples, list};
extern const Command image_rm_command{"image rm", "delete an image's name", {}, rm_positionals, rm_examples,
                                      remove};
extern const Command image_gc_command{
    "image gc", "free the space of images that nothing uses", {}, {}, gc_examples, collect};

}  // namespace photon::cli
