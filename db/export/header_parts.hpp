// The fixed text of a generated header: lookup.h.in and machines.h.in, compiled in by CMake.
#pragma once

#include <string_view>

namespace svetune::db {

std::string_view lookup_text();
std::string_view machines_text();

}  // namespace svetune::db
