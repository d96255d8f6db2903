#include "images/imager/build/build.hpp"

#include <algorithm>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/digest.hpp"
#include "images/imager/build/description.hpp"
#include "images/imager/build/outputs.hpp"
#include "images/imager/build/room.hpp"
#include "images/imager/build/scratch.hpp"
#include "images/imager/build/tools_root.hpp"
#include "images/imager/disk/disk.hpp"
#include "images/imager/oci/oci.hpp"
#include "packages/forge/publish/sign.hpp"

namespace photon::images {
namespace {

constexpr std::string_view format_version = "3";  // another one makes every image anew

/// Everything that decides a byte of an output but its format.
std::string key_of(const Definition& it, const Plan& plan, const Plan& tools, const std::string& arch) {
  const auto& c = it.container;
  auto text =
      fmt::format("{} {} {}\n{}\n{} {}\n{} {} {}\n{} {} {} {} {}\n", format_version, arch, it.name,
                  it.summary, it.documentation, fmt::join(it.languages, " "), it.disk_size.bytes,
                  it.esp_size.bytes, fmt::join(it.command_line, " "), c.user, c.directory,
                  fmt::join(c.command, "\n"), fmt::join(c.environment, "\n"), fmt::join(c.labels, "\n"));
  return sha256_hex(text + lines_of(plan) + "tools\n" + lines_of(tools));
}

bool is_disk(Format format) { return format != Format::oci; }

std::vector<std::string> files_of(Format format, const std::string& name) {
  switch (format) {
    case Format::raw:
      return {name + ".raw", name + ".vmlinuz"};
    case Format::qcow2:
      return {name + ".qcow2", name + ".vmlinuz"};
    case Format::direct:
      return {name + ".ext4", name + ".vmlinuz"};
    case Format::oci:
      return {name + ".oci.tar"};
  }
  return {};
}

/// One image in the making.
struct Making {
  const Definition& definition;
  const BuildOptions& options;
  const Plan& plan;
  const Tools& tools;
  const Scratch& scratch;
  Ids ids{};
  Boot boot{};
  const Work& work;

  [[nodiscard]] std::string root() const { return scratch.path("root"); }
  [[nodiscard]] std::string path(std::string_view ending) const {
    return scratch.path(definition.name + std::string(ending));
  }

  Result<void> find_kernel() {
    PHOTON_TRY(boot.kernel, kernel_of(root()));
    boot.command_line =
        fmt::format("root=PARTUUID={} rootfstype=ext4 {}", ids.root, fmt::join(definition.command_line, " "));
    PHOTON_TRY(auto bytes, read_file(kernel(), 512 << 20));
    return write_file(path(".vmlinuz"), bytes, 0644);
  }
  [[nodiscard]] std::string kernel() const { return root() + "/usr/lib/modules/" + boot.kernel + "/vmlinuz"; }

  Result<void> write_raw() {
    Layout layout{.size = definition.disk_size.bytes,
                  .esp_size = definition.esp_size.bytes,
                  .arch = options.supply.arch};
    auto raw = path(".raw"), unified = scratch.path("unified.efi"), esp = scratch.path("esp");
    auto stub = fmt::format("{}/usr/lib/systemd/boot/efi/linux{}.efi.stub", tools.root,
                            options.supply.arch == "aarch64" ? "aa64" : "x64");
    PHOTON_CHECK(write_unified({.stub = stub,
                                .kernel = kernel(),
                                .os_release = root() + "/etc/os-release",
                                .command_line = boot.command_line,
                                .release = boot.kernel},
                               unified));
    PHOTON_CHECK(write_esp(tools, unified, options.supply.arch, layout.esp_size, ids, esp, work));
    PHOTON_CHECK(write_table(tools, layout, ids, raw, work));
    PHOTON_CHECK(copy_into(esp, raw, layout.esp_begin()));
    return write_ext4(tools, root(), raw, layout.root_begin(), layout.root_size(), ids, work);
  }

  Result<void> write(Format format) {
    work.report({.step = "write", .subject = std::string(word_of(format))});
    switch (format) {
      case Format::raw:
        return {};  // made before
      case Format::qcow2:
        return write_qcow2(tools, path(".raw"), path(".qcow2"), work);
      case Format::direct: {
        Layout layout{.size = definition.disk_size.bytes, .esp_size = definition.esp_size.bytes};
        return write_ext4(tools, root(), path(".ext4"), 0, layout.root_size(), ids, work);
      }
      case Format::oci:
        return write_oci({.name = definition.name,
                          .arch = options.supply.arch,
                          .container = definition.container,
                          .date = plan.date},
                         root(), path(".oci.tar"), work);
    }
    return {};
  }
};

/// NAME.json, NAME.spdx.json, NAME.sha256 and its signature; the names of those beside NAME.json.
Result<std::vector<std::string>> write_descriptions(const Making& making, const Image& image) {
  const auto& name = making.definition.name;
  std::vector<std::string> names{name + ".spdx.json", name + ".sha256"};
  PHOTON_TRY(auto spdx, make_spdx(making.definition, making.plan, image.key));
  PHOTON_CHECK(write_file(making.scratch.path(names[0]), spdx, 0644));
  std::string sums;
  for (const auto& made : image.files) sums += fmt::format("{}  {}\n", made.sha256, made.file);
  sums += fmt::format("{}  {}\n", sha256_hex(spdx), names[0]);
  PHOTON_CHECK(write_file(making.scratch.path(names[1]), sums, 0644));
  if (!making.options.key_folder.empty()) {
    PHOTON_TRY(auto key, forge::ensure_key(making.options.key_folder, making.work));
    PHOTON_TRY(auto signature, forge::signature_of(sums, key, making.work));
    names.push_back(name + ".sha256.asc");
    PHOTON_CHECK(write_file(making.scratch.path(names[2]), signature, 0644));
  }
  auto about = describe(making.definition, making.plan, image, making.boot, making.options.supply.arch);
  PHOTON_CHECK(write_file(making.scratch.path(name + ".json"), write_json_pretty(about), 0644));
  return names;
}

std::vector<std::string> files_of(const std::vector<Format>& formats, const std::string& name) {
  std::vector<std::string> out;
  for (auto format : formats)
    for (auto& file : files_of(format, name))
      if (std::find(out.begin(), out.end(), file) == out.end()) out.push_back(std::move(file));
  return out;
}

bool has_all(const std::vector<Made>& there, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& file) {
    return std::any_of(there.begin(), there.end(), [&](const Made& made) { return made.file == file; });
  });
}

/// Into the scratch folder: the tree, the formats, what is said of them. The names of all files.
Result<std::vector<std::string>> make(Making& making, Image& image, const std::vector<Format>& formats,
                                      const std::vector<Made>& earlier) {
  const auto& work = making.work;
  auto has = [&](auto condition) { return std::any_of(formats.begin(), formats.end(), condition); };
  auto wanted = files_of(formats, making.definition.name);
  PHOTON_CHECK(make_root(making.plan, making.definition, making.options.supply, making.root(), work));
  checkpoint("image.root");
  if (has(is_disk)) {
    PHOTON_CHECK(check_disk(making.definition, making.root()));
    PHOTON_CHECK(making.find_kernel());
  }
  if (has([](Format f) { return f == Format::raw || f == Format::qcow2; })) {
    work.report({.step = "write", .subject = "disk"});
    PHOTON_CHECK(making.write_raw());
  }
  checkpoint("image.disk");
  for (auto format : formats) {
    if (work.stopped()) return cancelled();
    PHOTON_CHECK(making.write(format));
  }
  checkpoint("image.written");
  work.report({.step = "write", .subject = fmt::format("{}", fmt::join(wanted, " ")), .finished = true});
  for (const auto& file : wanted) {
    work.report({.step = "digest", .subject = file});
    PHOTON_TRY(auto made, measure(making.scratch.path(file), work));
    image.files.push_back(std::move(made));
  }
  work.report({.step = "digest", .subject = fmt::format("{} files", wanted.size()), .finished = true});
  for (const auto& made : earlier)
    if (std::find(wanted.begin(), wanted.end(), made.file) == wanted.end()) image.files.push_back(made);
  PHOTON_TRY(auto descriptions, write_descriptions(making, image));
  wanted.insert(wanted.end(), descriptions.begin(), descriptions.end());
  checkpoint("image.described");
  return wanted;
}

Result<Image> build_all(const Definition& definition, const BuildOptions& options, const Work& work) {
  auto formats = options.formats.empty() ? definition.formats : options.formats;
  PHOTON_CHECK(check_formats(definition, formats));
  PHOTON_TRY(auto planned, plan(definition, options.supply, work));
  auto tool_supply = options.supply;
  if (!options.tools_repository.empty()) tool_supply.repository = options.tools_repository;
  tool_supply.arch = machine();
  PHOTON_TRY(auto tool_plan, plan_tools(tool_packages(), tool_supply, work));
  Image image{.key = key_of(definition, planned, tool_plan, options.supply.arch),
              .packages = planned.packages.size(),
              .installed_size = planned.installed_size};
  auto wanted = files_of(formats, definition.name);
  auto is_there = [&] {
    auto there = present(options.output, definition.name, image.key);
    if (there) image.files = std::move(*there);
    return has_all(image.files, wanted);
  };
  if (is_there()) return image;  // where nothing can be written, too
  PHOTON_TRY(auto scratch,
             Scratch::make(options.output, definition.name, "give another folder by --output", work));
  if (is_there()) return image;                   // another one has made it meanwhile
  auto earlier = std::exchange(image.files, {});  // of other formats, of the same input
  image.changed = true;
  PHOTON_CHECK(check_space(planned, formats, options.output));
  PHOTON_TRY(auto tools, tools_root(tool_plan, tool_supply, planned.date, work));
  Making making{.definition = definition,
                .options = options,
                .plan = planned,
                .tools = tools.tools,
                .scratch = scratch,
                .ids = ids_from(image.key),
                .work = work};
  PHOTON_TRY(auto files, make(making, image, formats, earlier));
  if (work.stopped()) return cancelled();
  PHOTON_CHECK(put_in_place(scratch, options.output, definition.name, files));
  return image;
}

}  // namespace

Result<Image> build(const Definition& definition, const BuildOptions& options, const Work& work) {
  auto image = build_all(definition, options, work);
  if (image) return image;
  auto error = std::move(image.error());
  // What Ctrl-C has ended tells of that in many ways.
  if (work.stopped()) error = cancelled().value();
  error = of_the_disk(std::move(error), definition);
  if (error.kind == Kind::cancelled)
    error.hint = "nothing is half-made, and an earlier image is as it was; the same command begins it again";
  if (error.kind == Kind::no_space && error.code != "image.space") {
    error.code = "image.space";
    bool cache = error.message.find(options.supply.cache) != std::string::npos;
    error.hint =
        cache ? fmt::format("make room in {}, or name another folder by XDG_CACHE_HOME", options.supply.cache)
              : fmt::format("make room in {}, or give another folder by --output", options.output);
  }
  return tl::unexpected(std::move(error));
}

}  // namespace photon::images
