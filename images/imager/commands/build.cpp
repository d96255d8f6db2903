#include <boost/json/array.hpp>

#include "images/imager/commands/commands.hpp"

namespace photon::images {
namespace {

constexpr Option options[] = {
    {"--format", "-f", "FORMAT", "instead of those that the definition names", true, Completes::words,
     "raw qcow2 direct oci"},
    {"--repository", "", "DIR", "packages from there, instead of build/packages/ARCH", false,
     Completes::folders},
    output_option,
    arch_option,
    definitions_option,
};
constexpr Positional positionals[] = {
    {"NAME", "of the image: a file NAME.toml in images/definitions", true, Completes::images}};
constexpr Example examples[] = {
    {"imager build minimal", "build/images/x86_64/minimal.qcow2 and what is said of it"},
    {"imager build workstation -f raw -f direct", "a disk to write on a stick, and kernel and root apart"},
    {"imager build devcontainer-base -f oci -o /srv/images", "an image for containers, elsewhere"}};

json::object as_json(const std::string& output, const std::string& name, const Image& image) {
  json::array files;
  for (const auto& made : image.files)
    files.push_back(json::object{
        {"file", made.file}, {"sha256", made.sha256}, {"size", made.size}, {"stored", made.stored}});
  return {{"name", name},
          {"folder", output},
          {"changed", image.changed},
          {"key", image.key},
          {"packages", image.packages},
          {"installed_size", image.installed_size},
          {"files", std::move(files)}};
}

Result<int> run(Context& context) {
  auto name = context.arguments.positional(0);
  PHOTON_TRY(auto folder, context.definitions());
  PHOTON_TRY(auto definition, read_definition(folder, name));
  PHOTON_TRY(auto options_of, context.build_options());
  Shown shown;
  auto image = build(definition, options_of, shown.work());
  shown.close(!image);
  if (!image) return tl::unexpected(image.error());
  if (context.json()) {
    PHOTON_CHECK(context.print_json(as_json(options_of.output, name, *image)));
    return 0;
  }
  std::string text =
      fmt::format("{}/{}: {} packages, {} installed{}\n", options_of.output, name, image->packages,
                  size_words(image->installed_size), image->changed ? "" : ", as it was");
  std::vector<std::vector<std::string>> rows;
  for (const auto& made : image->files) rows.push_back({"  " + made.file, size_words(made.stored)});
  text += table({}, rows, look_at(1), width_of(1));
  PHOTON_CHECK(context.print(text));
  return 0;
}

}  // namespace

extern const Command build_command{"build", "make an image of packages", options, positionals, examples, run};

}  // namespace photon::images
