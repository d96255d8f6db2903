#include "tests/integration/rpm/fixtures.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>
#include <filesystem>

namespace photon::rpm::testing {

namespace fs = std::filesystem;

std::string must(std::vector<std::string> argv, std::map<std::string, std::string> more) {
  static const fixtures::TempFolder home;  // rpm makes a database below it where nothing says otherwise
  Command command{.argv = argv};
  command.environment = std::map<std::string, std::string>{
      {"PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}, {"HOME", home.path}, {"LC_ALL", "C.UTF-8"}};
  for (auto& [key, value] : more) (*command.environment)[key] = value;
  auto output = run(std::move(command));
  EXPECT_TRUE(output) << fmt::format("{}", fmt::join(argv, " "));
  if (!output) return {};
  EXPECT_EQ(output->status, 0) << fmt::format("{}\n{}{}", fmt::join(argv, " "), output->out, output->err);
  return output->out;
}

std::string make_rpm(const std::string& folder, const Wanted& wanted) {
  fixtures::TempFolder work;
  std::string spec = fmt::format("Name: {}\nVersion: {}\nRelease: 1\nSummary: test\nLicense: MIT\n",
                                 wanted.name, wanted.version);
  if (wanted.arch == "noarch") spec += "BuildArch: noarch\n";
  spec += fmt::format("{}\n%description\ntest\n%install\n", fmt::join(wanted.lines, "\n"));
  std::string list = "%files\n";
  int number = 0;
  for (const auto& file : wanted.files) {
    auto source = fmt::format("{}/content{}", work.path, ++number);
    EXPECT_TRUE(write_file(source, file.content));
    spec += fmt::format("install -D -m 0755 {} %{{buildroot}}{}\n", source, file.path);
    list += file.attributes + " " + file.path + "\n";
  }
  spec += wanted.scripts + "\n" + list +
          "%changelog\n* Mon Jan 05 2026 Tester <t@example.org> - 1-1\n- made for a test\n";
  EXPECT_TRUE(write_file(work.path + "/a.spec", spec));
  must({"rpmbuild", "-bb", "--quiet", "--define", "_topdir " + work.path, "--define", "_rpmdir " + folder,
        "--define", "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm", "--define",
        "__os_install_post %{nil}", "--define", "debug_package %{nil}", "--target",
        wanted.arch == "noarch" ? "noarch" : wanted.arch + "-linux", work.path + "/a.spec"});
  return fmt::format("{}/{}-{}-1.{}.rpm", folder, wanted.name, wanted.version, wanted.arch);
}

Key::Key(std::string user) : name(std::move(user)) {
  must({"gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "",
        "--quick-generate-key", name, "rsa2048", "sign", "never"},
       environment());
  armoured = must({"gpg", "--batch", "--armor", "--export", name}, environment());
}

Key::~Key() { must({"gpgconf", "--kill", "gpg-agent"}, environment()); }

void Key::sign_rpm(const std::string& path) const {
  must({"rpmsign", "--define", "__gpg /usr/bin/gpg", "--define", "_gpg_name " + name, "--define",
        "_gpg_path " + home.path, "--addsign", path},
       environment());
}

void Key::sign_metadata(const std::string& repository) const {
  must({"gpg", "--batch", "--yes", "--armor", "--detach-sign", repository + "/repodata/repomd.xml"},
       environment());
}

// createrepo_c 0.17 (Debian 12) writes no zstd: the same files, packed anew, with a repomd.xml of their own.
static void pack_anew(const std::string& repodata) {
  std::string parts;
  for (const auto* type : {"primary", "filelists", "other"})
    for (const auto& entry : fs::directory_iterator(repodata)) {
      auto old = entry.path().string();
      if (!old.ends_with(std::string(type) + ".xml.gz")) continue;
      auto packed = old.substr(0, old.size() - 2) + "zst";
      must({"sh", "-c", fmt::format("gzip -dc {0} | zstd -q -o {1} && rm {0}", old, packed)});
      parts += fmt::format(
          "<data type=\"{}\"><checksum type=\"sha256\">{}</checksum><location href=\"repodata/{}\"/>"
          "<timestamp>7</timestamp><size>{}</size></data>",
          type, must({"sha256sum", packed}).substr(0, 64), fs::path(packed).filename().string(),
          fs::file_size(packed));
      break;
    }
  EXPECT_TRUE(
      write_file(repodata + "/repomd.xml", fmt::format("<repomd><revision>7</revision>{}</repomd>", parts)));
}

void make_repodata(const std::string& folder, const std::string& compression,
                   const std::vector<std::string>& more) {
  bool anew = compression == "zstd";
  std::vector<std::string> argv{"createrepo_c", "--quiet", "--no-database", "--general-compress-type",
                                anew ? "gz" : compression};
  argv.insert(argv.end(), more.begin(), more.end());
  argv.push_back(folder);
  must(std::move(argv));
  if (anew) pack_anew(folder + "/repodata");
}

Server::Server(const std::string& folder, int cut) {
  auto out = make_pipe();
  auto log = open_fd(folder_.path + "/log", O_WRONLY | O_CREAT | O_TRUNC);
  Command command{
      .argv = {"python3", PHOTON_SOURCE_DIR "/tests/integration/rpm/serve", folder, std::to_string(cut)},
      .output = out->second.get(),
      .error = log->get(),
      .dies_with_us = true};
  child_ = std::move(start(command).value());
  out->second.reset();
  std::string port;
  for (char byte = 0; byte != '\n' && ::read(out->first.get(), &byte, 1) == 1;) port += byte;
  url = fmt::format("http://127.0.0.1:{}", std::atoi(port.c_str()));
}

Server::~Server() { static_cast<void>(child_.stop(std::chrono::milliseconds(0))); }

std::vector<std::string> Server::requests() const {
  auto text = read_file(folder_.path + "/log").value();
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    auto end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace photon::rpm::testing
