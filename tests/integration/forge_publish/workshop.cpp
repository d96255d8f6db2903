#include "tests/integration/forge_publish/workshop.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>

#include "devenv/core/digest.hpp"
#include "packages/forge/publish/compress.hpp"

namespace photon::forge::tests {
namespace {

namespace fs = std::filesystem;

constexpr const char* spec = R"(Name: {name}
Version: {version}
Release: 1
Summary: A fruit
License: {license}
URL: https://example.org/{name}
Vendor: {vendor}
{arch}
{needs}
{conflicts}
%description
A fruit.
%install
mkdir -p %{{buildroot}}/usr/share/{name}
echo "{name} {version}" > %{{buildroot}}/usr/share/{name}/taste
: > %{{buildroot}}/usr/share/{name}/empty
ln %{{buildroot}}/usr/share/{name}/taste %{{buildroot}}/usr/share/{name}/again
ln -s taste %{{buildroot}}/usr/share/{name}/link
{shared}
%files
/usr/share/{name}
%ghost /usr/share/{name}/made-later
{listed}
)";

std::string all_attributes(const std::string& text, const std::string& before) {
  std::string result;
  for (std::size_t at = 0; (at = text.find(before, at)) != std::string::npos;) {
    at += before.size();
    result += text.substr(at, text.find('"', at) - at) + "\n";
  }
  return result;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    result.push_back(text.substr(at, end - at));
  return result;
}

}  // namespace

Output must_run(std::vector<std::string> argv, std::map<std::string, std::string> environment, int status) {
  static const fixtures::TempFolder home;  // rpm makes a database below it where nothing says otherwise
  std::map<std::string, std::string> all = {
      {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"LC_ALL", "C.UTF-8"}, {"HOME", home.path}};
  for (auto& [name, value] : environment) all[name] = value;
  auto name = argv[0];
  auto output = run({.argv = std::move(argv), .environment = all}, {}, std::chrono::minutes(2));
  if (!output) {
    ADD_FAILURE() << sentence(output.error());
    return {};
  }
  EXPECT_EQ(output->status, status) << name << ":\n" << output->out << output->err;
  return *output;
}

Built make_built(const Wanted& wanted, Store& store, const std::string& scratch) {
  auto file = fmt::format("{}-{}-1.{}.rpm", wanted.name, wanted.version, wanted.arch);
  auto vendor = wanted.origin == Origin::source ? "Photon Workstation" : "Debian";
  static fixtures::TempFolder made;
  auto kept = fmt::format("{}/{}", made.path,
                          sha256_hex(fmt::format("{} {} {} {} {} {}", file, vendor, wanted.needs,
                                                 wanted.license, wanted.shared, wanted.conflicts)));
  if (!fs::exists(kept)) {
    auto work = made.path + "/work";
    fs::remove_all(work);
    fs::create_directories(work);
    auto text = fmt::format(
        fmt::runtime(spec), fmt::arg("name", wanted.name), fmt::arg("version", wanted.version),
        fmt::arg("vendor", vendor), fmt::arg("license", wanted.license),
        fmt::arg("arch", wanted.arch == "noarch" ? "BuildArch: noarch" : ""),
        fmt::arg("needs", wanted.needs.empty() ? "" : "Requires: " + wanted.needs),
        fmt::arg("conflicts", wanted.conflicts.empty() ? "" : "Conflicts: " + wanted.conflicts),
        fmt::arg("shared", wanted.shared.empty()
                               ? ""
                               : fmt::format("echo {} > %{{buildroot}}/usr/share/shared", wanted.shared)),
        fmt::arg("listed", wanted.shared.empty() ? "" : "/usr/share/shared"));
    EXPECT_TRUE(write_file(work + "/one.spec", text));
    must_run({"rpmbuild", "-bb", "--quiet", "--target", wanted.arch + "-linux", "--define", "_topdir " + work,
              "--define", "_rpmdir " + work, "--define",
              "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm", "--define",
              "_binary_payload w3.zstdio", work + "/one.spec"});
    fs::rename(work + "/" + file, kept);
  }
  fs::create_directories(scratch);
  fs::copy_file(kept, scratch + "/" + file, fs::copy_options::overwrite_existing);
  auto sha256 = sha256_file(kept).value();
  Built built{.key = sha256_hex(wanted.built_for + sha256),
              .recipe = wanted.recipe.empty() ? wanted.name : wanted.recipe,
              .arch = wanted.built_for,
              .origin = wanted.origin};
  built.outputs = {{file, sha256, fs::file_size(kept)}};
  built.sources = {{wanted.name + ".tar.xz", sha256_hex("source of " + wanted.name)}};
  built.dependencies = {{"bash-5.2-1.x86_64", sha256_hex("bash")}};
  built.started = 1700000000;
  built.seconds = 2;
  auto added = store.add(built, scratch);
  EXPECT_TRUE(added) << sentence(added.error());
  return built;
}

const SigningKey& the_key() {
  static fixtures::TempFolder folder;
  static SigningKey key = [] {
    auto made = ensure_key(folder.path + "/keys", {});
    EXPECT_TRUE(made) << sentence(made.error());
    return made.value_or(SigningKey{});
  }();
  return key;
}

void PublishTest::SetUp() {
  auto store = Store::open(folder_.path + "/store");
  ASSERT_TRUE(store) << sentence(store.error());
  store_ = *std::move(store);
  options_.folder = folder_.path + "/repository";
}

Result<Published> PublishTest::publish_all(const std::vector<Built>& packages) {
  return publish(packages, options_, the_key(), *store_, {});
}

Published PublishTest::must_publish(const std::vector<Built>& packages) {
  auto published = publish_all(packages);
  EXPECT_TRUE(published) << sentence(published.error());
  return published.value_or(Published{});
}

std::string text_of(const std::string& path) {
  auto bytes = read_file(path, 64 << 20);
  if (!bytes) return {};
  return path.ends_with(".zst") ? decompress(*bytes, 64 << 20).value_or("") : *bytes;
}

Seen read_repository(const std::string& folder) {
  Seen seen;
  auto repomd = text_of(folder + "/repodata/repomd.xml");
  auto begin = repomd.find("<revision>"), end = repomd.find("</revision>");
  if (begin == std::string::npos || end == std::string::npos) return {.fault = "no repomd.xml"};
  seen.revision = repomd.substr(begin + 10, end - begin - 10);
  for (const auto& file : lines(all_attributes(repomd, "<location href=\""))) {
    auto bytes = read_file(folder + "/" + file, 64 << 20);
    if (!bytes) return {.fault = sentence(bytes.error())};
    if (!file.starts_with("repodata/" + sha256_hex(*bytes))) return {.fault = file + " has another digest"};
    if (file.ends_with("primary.xml.zst"))
      seen.packages = lines(all_attributes(decompress(*bytes, 64 << 20).value_or(""), "<location href=\""));
  }
  for (const auto& package : seen.packages)
    if (!fs::exists(folder + "/" + package)) seen.fault = package + " is missing";
  return seen;
}

std::string repodata_file(const std::string& folder, const std::string& ending) {
  auto repomd = text_of(folder + "/repodata/repomd.xml");
  for (const auto& file : lines(all_attributes(repomd, "<location href=\"")))
    if (file.ends_with(ending)) return folder + "/" + file;
  ADD_FAILURE() << "repomd.xml names no " << ending;
  return {};
}

}  // namespace photon::forge::tests
