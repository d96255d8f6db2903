#include "images/imager/build/build.hpp"

#include <algorithm>
#include <filesystem>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/terminal.hpp"
#include "images/imager/build/description.hpp"
#include "images/imager/build/outputs.hpp"
#include "images/imager/disk/disk.hpp"
#include "images/imager/oci/oci.hpp"
#include "packages/forge/publish/sign.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view format_version = "1";  // another one makes every image anew
constexpr std::uint64_t MiB = 1 << 20;

std::string lines_of(const Plan& plan) {
  std::string out;
  for (const auto& one : plan.packages) out += fmt::format("{} {}\n", rpm::to_string(one.nevra), one.sha256);
  return out;
}

/// Everything that decides a byte of an output but its format.
std::string key_of(const Definition& it, const Plan& plan, const Plan& tools, const std::string& arch) {
  const auto& c = it.container;
  auto text =
      fmt::format("{} {} {}\n{}\n{} {}\n{} {} {}\n{} {} {} {} {}\n", format_version, arch, it.name,
                  it.summary, it.documentation, fmt::join(it.languages, " "), it.disk_size, it.esp_size,
                  fmt::join(it.command_line, " "), c.user, c.directory, fmt::join(c.command, "\n"),
                  fmt::join(c.environment, "\n"), fmt::join(c.labels, "\n"));
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

/// What the largest moment of the making takes: the tree, and each output beside it.
Result<void> check_space(const Plan& plan, const std::vector<Format>& formats, const std::string& output) {
  std::uint64_t need = plan.installed_size + 256 * MiB;
  bool raw = false;
  for (auto format : formats) {
    raw = raw || format == Format::raw || format == Format::qcow2;
    need += format == Format::direct ? plan.installed_size + 128 * MiB : plan.installed_size / 2;
  }
  if (raw) need += plan.installed_size + 128 * MiB;
  if (auto left = free_space(output); left < need)
    return fail(Kind::no_space, "image.space",
                fmt::format("the image needs {} in {} while it is made, {} are left", size_words(need),
                            output, size_words(left)),
                "make room, or give another folder by --output");
  return {};
}

/// The root of tools, made once for each set of packages.
Result<Tools> tools_root(const Plan& plan, const Supply& supply, std::int64_t date, const Work& work) {
  auto folder = supply.cache + "/tools-" + sha256_hex(lines_of(plan)).substr(0, 16);
  std::error_code error;
  if (!fs::exists(folder + "/ready", error)) {
    Definition nothing{.name = "tools", .documentation = false};
    auto fresh = fmt::format("{}.{}", folder, ::getpid());
    fs::remove_all(fresh, error);
    PHOTON_CHECK(make_root(plan, nothing, supply, fresh, work));
    PHOTON_CHECK(write_file(fresh + "/ready", "", 0644));
    fs::rename(fresh, folder, error);
    if (error) fs::remove_all(fresh, error);  // another one was first
  }
  return Tools{.root = folder, .date = date};
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
    std::error_code error;
    fs::copy_file(kernel(), path(".vmlinuz"), fs::copy_options::overwrite_existing, error);
    if (error) return fail(Kind::failed, "image.kernel", kernel() + ": " + error.message());
    return {};
  }
  [[nodiscard]] std::string kernel() const { return root() + "/usr/lib/modules/" + boot.kernel + "/vmlinuz"; }

  Result<void> write_raw() {
    Layout layout{.size = definition.disk_size, .esp_size = definition.esp_size, .arch = options.supply.arch};
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
        Layout layout{.size = definition.disk_size, .esp_size = definition.esp_size};
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

}  // namespace

Result<Image> build(const Definition& definition, const BuildOptions& options, const Work& work) {
  auto formats = options.formats.empty() ? definition.formats : options.formats;
  auto has = [&](auto condition) { return std::any_of(formats.begin(), formats.end(), condition); };
  PHOTON_CHECK(check_formats(definition, formats));
  PHOTON_TRY(auto planned, plan(definition, options.supply, work));
  auto tool_supply = options.supply;
  if (!options.tools_repository.empty()) tool_supply.repository = options.tools_repository;
  tool_supply.arch = machine();
  PHOTON_TRY(auto tool_plan, plan_tools(tool_packages(), tool_supply, work));
  Image image{.key = key_of(definition, planned, tool_plan, options.supply.arch),
              .packages = planned.packages.size(),
              .installed_size = planned.installed_size};
  std::vector<std::string> wanted;
  for (auto format : formats)
    for (auto& file : files_of(format, definition.name))
      if (std::find(wanted.begin(), wanted.end(), file) == wanted.end()) wanted.push_back(std::move(file));
  PHOTON_TRY(auto scratch, Scratch::make(options.output, definition.name, work));
  auto there = present(options.output, definition.name, image.key);
  auto is_there = [&](const std::string& file) {
    return std::any_of(there->begin(), there->end(), [&](const Made& made) { return made.file == file; });
  };
  if (there && std::all_of(wanted.begin(), wanted.end(), is_there)) {
    image.files = std::move(*there);
    return image;
  }
  image.changed = true;
  PHOTON_CHECK(check_space(planned, formats, options.output));
  PHOTON_TRY(auto tools, tools_root(tool_plan, tool_supply, planned.date, work));
  Making making{.definition = definition,
                .options = options,
                .plan = planned,
                .tools = tools,
                .scratch = scratch,
                .ids = ids_from(image.key),
                .work = work};
  PHOTON_CHECK(make_root(planned, definition, options.supply, making.root(), work));
  checkpoint("image.root");
  if (has(is_disk)) PHOTON_CHECK(making.find_kernel());
  if (has([](Format f) { return f == Format::raw || f == Format::qcow2; })) {
    work.report({.step = "write", .subject = "disk"});
    PHOTON_CHECK(making.write_raw());
  }
  for (auto format : formats) {
    if (work.stopped()) return cancelled();
    PHOTON_CHECK(making.write(format));
  }
  checkpoint("image.written");
  work.report({.step = "write", .subject = fmt::format("{}", fmt::join(wanted, " ")), .finished = true});
  for (const auto& file : wanted) {
    work.report({.step = "digest", .subject = file});
    PHOTON_TRY(auto made, measure(scratch.path(file), work));
    image.files.push_back(std::move(made));
  }
  work.report({.step = "digest", .subject = fmt::format("{} files", wanted.size()), .finished = true});
  auto moved = wanted;
  // Of other formats, made earlier of the same input.
  if (there)
    for (auto& made : *there)
      if (std::find(wanted.begin(), wanted.end(), made.file) == wanted.end()) image.files.push_back(made);
  PHOTON_TRY(auto descriptions, write_descriptions(making, image));
  moved.insert(moved.end(), descriptions.begin(), descriptions.end());
  checkpoint("image.described");
  PHOTON_CHECK(put_in_place(scratch, options.output, definition.name, moved));
  return image;
}

}  // namespace photon::images
