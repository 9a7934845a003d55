// Which tiles a library is built with: all, or those of a list (svetune export instantiations).
#pragma once

#include <cstddef>
#include <string_view>

namespace svetune {

struct Wanted {
  std::string_view kind;
  int numbers[3];  // as in space/instantiations.hpp
};

#ifdef SVETUNE_WANTED
inline constexpr Wanted kWanted[] = {
#include SVETUNE_WANTED
};
constexpr bool wanted(std::string_view kind, int first, int second, int third) {
  for (const Wanted& item : kWanted) {
    if (item.kind == kind && item.numbers[0] == first && item.numbers[1] == second && item.numbers[2] == third)
      return true;
  }
  return false;
}
#else
constexpr bool wanted(std::string_view, int, int, int) {
  return true;
}
#endif

}  // namespace svetune
