// devcontainer.json of an environment, read for whoever asks for it.
#pragma once
#include "devenv/environment/record.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::environment {

struct PlanOptions {
  bool allow_unknown = false;
  bool keep_id = false;  ///< spec::Inputs::keep_id
};

/// Of the repository that its folder is in; "": none, or another person's.
std::string git_root_of(const Record& record);

/// The record says where it lies, and which text counts instead; it gets the warnings. What was read is noted
/// in `seen`.
Result<spec::Plan> read_plan(Record& record, const PlanOptions& options, const Caller& caller, Inputs& seen);
/// What a text asks for beside the file that `plan` is of; what is wrong in it becomes warnings of the
/// record.
spec::Plan more_of(const spec::Plan& plan, const std::string& text, const Caller& caller, Record& record);
/// The text of the file that `plan` is of; "" = there is none.
Result<std::string> text_of(const Record& record, const spec::Plan& plan);

/// The text of the file that the environment would be made from now; "" = none that can be read.
Result<std::string> own_text(Record record);

}  // namespace photon::environment
