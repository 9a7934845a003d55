// What has to be looked at before toml++ reads a text.
#pragma once

#include <string>
#include <string_view>

#include "space/problem.hpp"

namespace svetune::model {

// toml++ (3.3) runs into undefined behaviour at characters from U+FA66 to U+FEFF. TOML has such characters in comments
// and strings alone, and no key or value here needs one: U+F000 to U+FFFF are refused, but for a byte order mark in
// front.
inline void refuse_unreadable(std::string_view text, const std::string& file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const std::size_t begin = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  if (text.find('\xEF', begin) == std::string_view::npos) return;
  throw InputError(file + ": holds a character from U+F000 to U+FFFF; remove it");
}

}  // namespace svetune::model
