#include "net/websocket/websocket_handshake.hpp"

#include "actors/crypto/openssl.hpp"
#include "net/compression/deflate_offer.hpp"
#include "proto/json/base64.hpp"

#include <boost/beast/http/rfc7230.hpp>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

namespace hubbub {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view protocol_version = "13";
// What every key is followed by before it is hashed.
constexpr std::string_view key_suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
// The status of a response that names the version which is understood.
constexpr unsigned upgrade_required = 426;
constexpr std::size_t key_bytes = 16;

/// Computes SHA-1. The algorithm is looked up once; OpenSSL would do it for each digest.
class sha1 {
 public:
  sha1() : algorithm_(EVP_MD_fetch(nullptr, "SHA1", nullptr)), context_(EVP_MD_CTX_new()) {
    crypto::must(algorithm_ != nullptr && context_ != nullptr);
  }

  using digest = std::array<unsigned char, SHA_DIGEST_LENGTH>;
  digest of(std::string_view first, std::string_view second) {
    digest out{};
    auto* const context = context_.get();
    crypto::must(EVP_DigestInit_ex2(context, algorithm_.get(), nullptr) == 1 &&
                 EVP_DigestUpdate(context, first.data(), first.size()) == 1 &&
                 EVP_DigestUpdate(context, second.data(), second.size()) == 1 &&
                 EVP_DigestFinal_ex(context, out.data(), nullptr) == 1);
    return out;
  }

 private:
  struct release {
    void operator()(EVP_MD* each) const { EVP_MD_free(each); }
    void operator()(EVP_MD_CTX* each) const { EVP_MD_CTX_free(each); }
  };
  std::unique_ptr<EVP_MD, release> algorithm_;
  std::unique_ptr<EVP_MD_CTX, release> context_;
};

bool asks_for_upgrade(const http_request& request) {
  return std::ranges::any_of(request.header_values("connection"), [](std::string_view value) {
    return http::token_list{value}.exists("upgrade");
  });
}

/// Returns the first subprotocol that the client offers, which the client expects to be chosen;
/// empty if it offers none.
std::string_view first_subprotocol(const http_request& request) {
  const http::token_list offered{request.header("sec-websocket-protocol")};
  if (offered.begin() == offered.end()) return {};
  const auto first = *offered.begin();
  return {first.data(), first.size()};
}

http_response refusal(std::string sentence) {
  return error_response({hubbub::error_code::bad_request, std::move(sentence)});
}

/// Returns the response to a request that is no proper handshake.
std::optional<http_response> objection(const http_request& request) {
  if (request.method != "GET") return refusal("a WebSocket begins with a GET");
  if (!asks_for_upgrade(request)) return refusal("a WebSocket needs `Connection: Upgrade`");
  if (request.header("sec-websocket-version") != protocol_version) {
    auto response = refusal("the version of WebSocket must be 13");
    response.status = upgrade_required;
    response.headers.emplace_back("Sec-WebSocket-Version", protocol_version);
    return response;
  }
  const auto keys = request.header_values("sec-websocket-key");
  const auto bytes = keys.size() == 1 ? decode_base64(keys.front()) : std::nullopt;
  if (!bytes || bytes->size() != key_bytes)
    return refusal("a WebSocket needs one Sec-WebSocket-Key, of 16 bytes in base64");
  return {};
}

/// Names the extension as it is agreed to: a message can be compressed once for all clients,
/// and no client has a window kept for it.
void append_agreement(std::string& head, const deflate_offer& offer) {
  head.append("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
              "client_no_context_takeover");
  if (!offer.client_window.empty())
    head.append("; client_max_window_bits=").append(offer.client_window);
  if (offer.names_window) head.append("; server_max_window_bits=15");
  head.append("\r\n");
}

} // namespace

std::string accept_key(std::string_view key) {
  thread_local sha1 hash;
  const auto digest = hash.of(key, key_suffix);
  std::string text;
  append_base64(text, {reinterpret_cast<const char*>(digest.data()), digest.size()});
  return text;
}

expected<handshake_answer, http_response> answer_handshake(const http_request& request,
                                                           bool may_deflate) {
  if (auto refused = objection(request)) return unexpected(std::move(*refused));
  handshake_answer answer;
  auto& head = answer.head;
  head.reserve(256);
  head.append(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: ")
      .append(accept_key(request.header("sec-websocket-key")))
      .append("\r\n");
  if (const auto protocol = first_subprotocol(request); !protocol.empty())
    head.append("Sec-WebSocket-Protocol: ").append(protocol).append("\r\n");
  if (may_deflate) {
    if (const auto offer =
            choose_deflate_offer(request.header_values("sec-websocket-extensions"))) {
      append_agreement(head, *offer);
      answer.deflates = true;
    }
  }
  head.append("\r\n");
  return answer;
}

} // namespace hubbub
