// What has to be looked at before toml++ reads a text.
#pragma once

#include <string>
#include <string_view>

#include "space/problem.hpp"

namespace svetune::model {

// Throws InputError where a character beyond ASCII stands outside of a comment: no key or value here has one, and
// toml++ (3.3) runs into undefined behaviour at some of them.
inline void refuse_unreadable(std::string_view text, const std::string& file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::size_t line = 1;
  char quote = 0;  // of the string at hand
  bool comment = false, escaped = false;
  for (const char character : text) {
    if (character == '\n') {
      ++line;
      quote = 0;
      comment = escaped = false;
    } else if (comment) {
      continue;
    } else if (static_cast<unsigned char>(character) >= 0x80) {
      throw InputError(file + ":" + std::to_string(line) + ": a character beyond ASCII stands outside of a comment");
    } else if (escaped) {
      escaped = false;
    } else if (quote != 0) {
      escaped = quote == '"' && character == '\\';
      if (character == quote) quote = 0;
    } else if (character == '"' || character == '\'') {
      quote = character;
    } else {
      comment = character == '#';
    }
  }
}

}  // namespace svetune::model
