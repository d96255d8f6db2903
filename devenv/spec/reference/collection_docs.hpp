// The README.md that is made for a feature or a template, to the letter of the reference's.
#pragma once
#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

struct DocsSource {
  std::string registry;
  std::string collection;  ///< its namespace
  std::string base;        ///< the folder of all items, as it was named
  std::string folder;      ///< of this one, in `base`
  std::string file;        ///< its document's name
  std::string notes;       ///< NOTES.md
  std::string owner;  ///< of the repository that has it; with `repository` the document is linked to there
  std::string repository;
};

Result<std::string> feature_docs(const Value& said, const DocsSource& source);
Result<std::string> template_docs(const Value& said, const DocsSource& source);

}  // namespace photon::spec::reference
