// Uploads into the content store: a stream in both directions, one answer for each piece.
#include <thread>

#include "devenv/engine/containerd/client.hpp"
#include "devenv/engine/containerd/proto/content.grpc.pb.h"
#include "devenv/engine/containerd/session.hpp"

namespace photon::engine {
namespace {

namespace wire = containerd::services::content::v1;
using Content = wire::Content;
using Stream = grpc::ClientReaderWriter<wire::WriteContentRequest, wire::WriteContentResponse>;
using namespace std::chrono_literals;

constexpr std::size_t piece = 1 << 20;
constexpr auto lock_limit = 5s;  ///< how long the store may still hold an upload that has just been dropped

class ContentWriter : public BlobWriter {
 public:
  ContentWriter(const std::shared_ptr<Session>& session, ImageStore& store, std::string ref,
                std::string digest)
      : content_(session->line), store_(store), ref_(std::move(ref)), digest_(std::move(digest)) {}
  ~ContentWriter() override { (void)close(); }

  Result<void> open(std::uint64_t size, const std::string& lease);
  [[nodiscard]] std::uint64_t offset() const override { return offset_; }
  Result<void> write(std::string_view bytes) override;
  Result<void> commit(std::uint64_t size, const std::string& digest,
                      const std::map<std::string, std::string>& labels) override;
  Result<void> truncate() override;

 private:
  Result<void> ask(const wire::WriteContentRequest& request, std::string_view what);
  grpc::Status close();
  void forget();

  Reach<Content> content_;
  ImageStore& store_;
  std::string ref_;
  std::string digest_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<Stream> stream_;
  std::uint64_t offset_ = 0;
  bool there_ = false;  ///< the store has the whole blob: nothing is sent
};

grpc::Status ContentWriter::close() {
  if (!stream_) return grpc::Status::OK;
  stream_->WritesDone();
  // The status only comes after the last answer was taken.
  wire::WriteContentResponse left;
  while (stream_->Read(&left)) {
  }
  const grpc::Status status = stream_->Finish();
  stream_.reset();
  context_.reset();
  return status;
}

Result<void> ContentWriter::ask(const wire::WriteContentRequest& request, std::string_view what) {
  if (!stream_)
    return fail(Kind::failed, "engine.upload", "the upload has ended already",
                "start it again: it will resume");
  wire::WriteContentResponse answer;
  if (stream_->Write(request) && stream_->Read(&answer)) {
    offset_ = static_cast<std::uint64_t>(answer.offset());
    return {};
  }
  const grpc::Status status = close();
  return tl::unexpected<Error>(to_error(status, what));
}

Result<void> ContentWriter::open(std::uint64_t size, const std::string& lease) {
  wire::WriteContentRequest request;
  request.set_action(wire::STAT);
  request.set_ref(ref_);
  request.set_total(static_cast<std::int64_t>(size));
  request.set_expected(digest_);
  const auto end = std::chrono::steady_clock::now() + lock_limit;
  for (;;) {
    context_ = std::make_unique<grpc::ClientContext>();
    prepare(*context_, {.limit = 0ms, .lease = lease});
    stream_ = content_->Write(context_.get());
    auto result = ask(request, "receive a blob");
    if (!result && result.error().kind == Kind::conflict) {
      there_ = true;
      offset_ = size;
      return {};
    }
    const bool locked = !result && result.error().message.find("locked") != std::string::npos;
    if (!locked || std::chrono::steady_clock::now() > end) return result;
    std::this_thread::sleep_for(10ms);
  }
}

Result<void> ContentWriter::write(std::string_view bytes) {
  if (there_) return {};
  while (!bytes.empty()) {
    wire::WriteContentRequest request;
    request.set_action(wire::WRITE);
    request.set_offset(static_cast<std::int64_t>(offset_));
    request.set_data(std::string(bytes.substr(0, piece)));
    PHOTON_CHECK(ask(request, "store a blob"));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return {};
}

Result<void> ContentWriter::truncate() {
  if (there_ || offset_ == 0) return {};
  wire::WriteContentRequest request;
  request.set_action(wire::WRITE);
  request.set_offset(0);  // a write at the start of something longer empties it
  PHOTON_CHECK(ask(request, "start the upload again"));
  offset_ = 0;
  return {};
}

/// What was refused must not be resumed.
void ContentWriter::forget() {
  wire::AbortRequest request;
  request.set_ref(ref_);
  google::protobuf::Empty done;
  for (int left = 50; left > 0; --left) {
    const auto result = call("drop the upload", *content_, &Content::Stub::Abort, request, done);
    if (result || is_missing(result.error())) return;
    std::this_thread::sleep_for(10ms);
  }
}

Result<void> ContentWriter::commit(std::uint64_t size, const std::string& digest,
                                   const std::map<std::string, std::string>& labels) {
  if (there_) {
    if (digest != digest_)
      return fail(Kind::corrupt, "engine.digest", fmt::format("the blob {} is not {}", digest_, digest));
    return labels.empty() ? Result<void>() : store_.label_blob(digest, labels);
  }
  wire::WriteContentRequest request;
  request.set_action(wire::COMMIT);
  request.set_offset(static_cast<std::int64_t>(offset_));
  request.set_total(static_cast<std::int64_t>(size));
  request.set_expected(digest);
  request.mutable_labels()->insert(labels.begin(), labels.end());
  if (offset_ != size) {
    (void)close();
    forget();
    return fail(Kind::corrupt, "engine.size",
                fmt::format("the blob {} has {} bytes where {} were announced", digest, offset_, size),
                "fetch it again");
  }
  auto result = ask(request, "keep a blob");
  if (result) {
    (void)close();
    return {};
  }
  if (result.error().message.find("already exists") != std::string::npos)
    return labels.empty() ? Result<void>() : store_.label_blob(digest, labels);
  if (result.error().kind != Kind::conflict) return result;
  forget();
  return fail(Kind::corrupt, "engine.digest", fmt::format("the bytes received are not those of {}", digest),
              "fetch it again");
}

}  // namespace

Result<std::unique_ptr<BlobWriter>> open_writer(const std::shared_ptr<Session>& session, ImageStore& store,
                                                const std::string& ref, std::uint64_t size,
                                                const std::string& digest, const std::string& lease) {
  auto writer = std::make_unique<ContentWriter>(session, store, ref, digest);
  PHOTON_CHECK(writer->open(size, lease));
  return writer;
}

}  // namespace photon::engine
