#pragma once

#include <openssl/asn1.h>

#include <chrono>

namespace hubbub {

/// Returns when this time is, or nearly: the clock ends in the year 2262, and certificates may
/// say any year up to 9999 (RFC 5280, 4.1.2.5: "no well-defined expiration date"). What is
/// later is the last second of the clock, and what is before 1970 its first. A null pointer,
/// and what is no time, is `time_point::max()`.
[[nodiscard]] std::chrono::system_clock::time_point time_of(const ASN1_TIME* from);

} // namespace hubbub
