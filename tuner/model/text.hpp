// Characters and numbers as text, where the model reads and writes assembly.
#pragma once

#include <cstdint>
#include <string>

namespace svetune::model {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// 0x and hexadecimal digits.
inline std::string hex(std::uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[value & 15U]);
    value >>= 4U;
  } while (value != 0);
  return "0x" + text;
}

}  // namespace svetune::model
