// What a generated header says about itself, for the question whether it is stale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace svetune::db {

// The constants at the head of a header.
struct HeaderFacts {
  std::int64_t format = 0, schema = 0, entries = 0;
  std::string database, tuner_version;
};
// Nothing where the text is no header of svetune, whatever else it is.
std::optional<HeaderFacts> read_header_facts(std::string_view text);

// Why a header is stale, given the one that would be written now; nothing where both are the same bytes. Throws
// InputError where `text` is no header.
std::optional<std::string> why_stale(std::string_view text, std::string_view fresh);

}  // namespace svetune::db
