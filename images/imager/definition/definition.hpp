// What an image is made of: images/definitions/NAME.toml, with what it extends, as one plain value.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::images {

/// A word of a definition and where it stands, for errors that are found later.
struct Named {
  std::string text{};
  Place place{};
  bool operator==(const Named& other) const { return text == other.text; }
};

/// A number of bytes and where it stands; 0: not given.
struct Size {
  std::uint64_t bytes = 0;
  Place place{};
  bool operator==(const Size& other) const { return bytes == other.bytes; }
};

/// What a program sees that is started from an OCI image.
struct Container {
  std::string user{};
  std::string directory{};
  std::vector<std::string> command{}, environment{}, labels{};  ///< environment, labels: "NAME=value"
  bool operator==(const Container&) const = default;
};

enum class Format { raw, qcow2, direct, oci };
std::string_view word_of(Format format);
/// "raw qcow2 direct oci": for help and errors.
std::string_view all_formats();
/// usage "image.format" with the nearest for a word that is none.
Result<Format> format_from(std::string_view word);

struct Definition {
  Place place{};          ///< the file
  std::string name{};     ///< of the file, without .toml
  std::string summary{};  ///< one line
  std::vector<Named> packages{};
  std::vector<std::string> exclude{};       ///< packages (globs) that stay out, whoever recommends them
  bool recommends = false;                  ///< weak dependencies, too
  bool documentation = true;                ///< files that rpm marks so
  std::vector<std::string> languages{};     ///< empty: all
  std::vector<Format> formats{};            ///< made where the command line names none
  Size disk_size{};                         ///< what a sparse disk can grow to
  Size esp_size{};                          ///< of the EFI system partition
  std::vector<std::string> command_line{};  ///< of the kernel, without root=
  Container container{};
  bool operator==(const Definition&) const = default;
};

/// FOLDER/NAME.toml and what it extends: lists are appended, other values replaced. Every fault of a file is
/// usage "image.definition" with file, line and column; not_found "image.unknown" names the nearest image.
Result<Definition> read_definition(const std::string& folder, const std::string& name);
/// What is done where a text says `extends`: the base's name and where it stands.
using Extend = std::function<Result<void>(const std::string& base, const Place& place)>;
/// One file's text on top of what `into` has.
Result<void> read_text(Definition& into, const std::string& text, const std::string& file,
                       const Extend& extend);
/// Whether the definition has what these formats need: a disk, but for oci.
Result<void> check_formats(const Definition& definition, const std::vector<Format>& formats);
/// The names in a folder, sorted.
Result<std::vector<std::string>> definitions(const std::string& folder);
/// "64 MiB", "8 GiB", "1 TiB"; nullopt: not a size.
std::optional<std::uint64_t> size_from(std::string_view text);

}  // namespace photon::images
