// The functions that a user names.
#pragma once

#include <string>
#include <vector>

#include "model/elf_image.hpp"
#include "profile/code_closure.hpp"

namespace svetune::profile {

struct Target {
  std::string name;           // as the user wrote it
  model::AddressRange range;  // in the process
};

// Each of `names`: a symbol of the program or one of its libraries (looked up in that order), a C++ name as a demangler
// writes it, with or without its parameters, or 0xADDRESS+SIZE of the program's file. Throws InputError that names the
// nearest symbols.
std::vector<Target> find_targets(const std::vector<std::string>& names, const std::vector<model::LoadedImage>& images,
                                 const CodeClosure& code);

}  // namespace svetune::profile
