// devcontainer.json of an environment, read for whoever asks for it.
#pragma once
#include "devenv/environment/record.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::environment {

struct PlanOptions {
  bool allow_unknown = false;
  bool keep_id = false;  ///< spec::Inputs::keep_id
};

/// The record says where it lies, and which text counts instead; it gets the warnings. What was read is noted
/// in `seen`.
Result<spec::Plan> read_plan(Record& record, const PlanOptions& options, const Caller& caller, Inputs& seen);
/// The text of the file that `plan` is of; "" = there is none.
Result<std::string> text_of(const Record& record, const spec::Plan& plan);

}  // namespace photon::environment
