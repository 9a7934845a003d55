// Output files: whole or not at all.
#pragma once

#include <filesystem>
#include <string_view>

namespace svetune::db {

// Writes beside the file and renames. A file that holds this text already is left alone (false), so that a build that
// depends on it does nothing twice. Throws InputError naming the file and the remedy.
bool write_atomically(const std::filesystem::path& file, std::string_view text);

}  // namespace svetune::db
