// The program, its loader and its libraries, each with the address at which the emulator loads it.
#pragma once

#include <string>
#include <vector>

#include "model/elf_image.hpp"

namespace svetune::profile {

struct ProcessImages {
  std::vector<model::LoadedImage> images;  // the program first, then as the loader lists them
  std::uint64_t entry = 0;                 // first instruction of the program itself
};

// `emulator`: the command with all options that the later run has, up to the program. Libraries are those that the
// program is linked with (or LD_PRELOAD names); they are looked up under `sysroot` first. A dynamic program's loader
// (and initialisers of its libraries) run for that, with streams at /dev/null; the program itself does not.
ProcessImages find_images(const std::vector<std::string>& emulator, const std::vector<std::string>& program,
                          const std::string& sysroot);

}  // namespace svetune::profile
