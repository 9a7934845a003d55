#include "profile/process_images.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "profile/gdb_remote.hpp"
#include "space/problem.hpp"

namespace svetune::profile {
namespace {

std::string on_this_machine(const std::string& name, const std::string& sysroot) {
  std::error_code ignored;
  if (name.starts_with("/") && !sysroot.empty() && std::filesystem::exists(sysroot + name, ignored))
    return sysroot + name;
  return name;
}

// The loader's list of images: DT_DEBUG of the program's dynamic section points to r_debug (System V ABI, <link.h>).
std::uint64_t link_map(StoppedProgram& process, std::uint64_t bias) {
  const std::uint64_t headers = process.auxiliary(AT_PHDR), count = process.auxiliary(AT_PHNUM);
  for (std::uint64_t i = 0; i < count; ++i) {
    Elf64_Phdr header{};
    const auto bytes = process.memory(headers + i * sizeof header, sizeof header);
    if (bytes.empty()) break;
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.p_type != PT_DYNAMIC) continue;
    for (std::uint64_t at = header.p_vaddr + bias; at < header.p_vaddr + bias + header.p_memsz; at += 16) {
      const std::uint64_t tag = process.word(at);
      if (tag == DT_NULL) break;
      if (tag == DT_DEBUG) return process.word(process.word(at + 8) + 8);  // r_debug::r_map
    }
  }
  return 0;
}

}  // namespace

ProcessImages find_images(const std::vector<std::string>& emulator, const std::vector<std::string>& program,
                          const std::string& sysroot) {
  const auto image = model::ElfImage::read(program.front());
  ProcessImages out{{{image, 0}}, image->entry()};
  if (!image->position_independent() && image->interpreter().empty()) return out;
  StoppedProgram process(emulator, program);
  out.entry = process.auxiliary(AT_ENTRY);
  if (out.entry == 0)
    throw InputError("the emulator " + emulator.front() + " does not say where it loads " + program.front() +
                     "; use qemu-aarch64 7.2 or newer, or link the program with -static -no-pie");
  const std::uint64_t bias = out.entry - image->entry();
  out.images.front().bias = bias;
  if (image->interpreter().empty()) return out;
  if (!process.run_to(out.entry))
    throw InputError(program.front() + " does not start: its loader ends before the program's first instruction (a " +
                     "library that is not found?); run it once with qemu-aarch64, or name its libraries with --sysroot "
                     "DIR or --env LD_LIBRARY_PATH=DIR");
  constexpr std::size_t kMost = 4096;
  std::uint64_t map = link_map(process, bias);
  for (std::size_t n = 0; map != 0 && n < kMost; map = process.word(map + 24), ++n) {  // link_map::l_next
    const std::string name = on_this_machine(process.text(process.word(map + 8)), sysroot);
    std::error_code ignored;
    if (name.empty() || !std::filesystem::is_regular_file(name, ignored)) continue;  // the program; the vDSO
    out.images.push_back({model::ElfImage::read(name), process.word(map)});
  }
  return out;
}

}  // namespace svetune::profile
