#include "model/elf_image.hpp"

#include <llvm/BinaryFormat/ELF.h>
#include <llvm/Object/ELF.h>
#include <llvm/Object/ELFTypes.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <cstring>

#include "model/error.hpp"

namespace svetune::model {

using ElfFile = llvm::object::ELFFile<llvm::object::ELF64LE>;

struct ElfImage::Reader {
  ElfImage& image;
  const ElfFile& file;

  [[noreturn]] void fail(const std::string& why) const {
    throw InputError(image.path_ + ": " + why + "; give an aarch64 Linux program");
  }

  // The value, or an InputError with LLVM's reason.
  template <typename T>
  T need(llvm::Expected<T> value) const {
    if (!value) fail(llvm::toString(value.takeError()));
    return *value;
  }

  void segments() const {
    bool first = true;
    for (const auto& header : need(file.program_headers())) {
      if (header.p_offset > file.getBufSize() || header.p_filesz > file.getBufSize() - header.p_offset) {
        fail("a segment lies beyond the end of the file");
      }
      const auto* bytes = file.base() + header.p_offset;
      if (header.p_type == llvm::ELF::PT_INTERP && header.p_filesz > 0) {
        image.interpreter_.assign(reinterpret_cast<const char*>(bytes), header.p_filesz - 1);
      }
      if (header.p_type != llvm::ELF::PT_LOAD) continue;
      if (first) image.first_address_ = header.p_vaddr;
      first = false;
      if ((header.p_flags & llvm::ELF::PF_X) != 0) {
        image.segments_.push_back({header.p_vaddr, {bytes, bytes + header.p_filesz}});
      }
    }
    if (image.segments_.empty()) fail("has no code to load");
  }

  void symbols() const {
    for (const auto& section : need(file.sections())) {
      if (section.sh_type != llvm::ELF::SHT_SYMTAB && section.sh_type != llvm::ELF::SHT_DYNSYM) continue;
      const llvm::StringRef names = need(file.getStringTableForSymtab(section));
      for (const auto& symbol : need(file.symbols(&section))) {
        if (symbol.st_shndx == llvm::ELF::SHN_UNDEF || symbol.st_shndx == llvm::ELF::SHN_ABS) continue;
        const std::string name = need(symbol.getName(names)).str();
        if (name.empty() || name[0] == '$') continue;  // $x, $d mark code and data
        const Symbol entry{name, symbol.st_value, symbol.st_size, symbol.getType() == llvm::ELF::STT_GNU_IFUNC};
        const auto [at, added] = image.by_name_.emplace(name, entry);
        if (!added && symbol.getBinding() == llvm::ELF::STB_GLOBAL) at->second = entry;
        if (symbol.getType() == llvm::ELF::STT_FUNC) image.functions_.push_back(entry);
      }
    }
    auto& list = image.functions_;
    std::sort(list.begin(), list.end(), [](const Symbol& a, const Symbol& b) {
      return std::tie(a.address, a.name) < std::tie(b.address, b.name);
    });
    list.erase(
        std::unique(list.begin(), list.end(), [](const Symbol& a, const Symbol& b) { return a.address == b.address; }),
        list.end());
  }

  void plt() const {
    for (const auto& section : need(file.sections())) {
      if (section.sh_type != llvm::ELF::SHT_RELA || section.sh_link == 0) continue;
      const auto* table = need(file.getSection(section.sh_link));
      if (table->sh_type != llvm::ELF::SHT_DYNSYM) continue;
      const llvm::StringRef names = need(file.getStringTableForSymtab(*table));
      for (const auto& relocation : need(file.relas(section))) {
        const std::uint32_t type = relocation.getType(false);
        if (type != llvm::ELF::R_AARCH64_JUMP_SLOT && type != llvm::ELF::R_AARCH64_GLOB_DAT) continue;
        const auto* symbol = need(file.getRelocationSymbol(relocation, table));
        if (symbol != nullptr) image.plt_slots_[relocation.r_offset] = need(symbol->getName(names)).str();
      }
    }
  }
};

std::shared_ptr<const ElfImage> ElfImage::read(const std::string& path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) throw InputError(path + ": cannot be read: " + buffer.getError().message());
  std::shared_ptr<ElfImage> image(new ElfImage);
  image->path_ = path;
  llvm::Expected<ElfFile> file = ElfFile::create((*buffer)->getBuffer());
  if (!file)
    throw InputError(path + ": no ELF file (" + llvm::toString(file.takeError()) + "); give an aarch64 Linux program");
  const Reader reader{*image, *file};
  const auto& header = file->getHeader();
  if (!header.checkMagic() || header.getFileClass() != llvm::ELF::ELFCLASS64 ||
      header.getDataEncoding() != llvm::ELF::ELFDATA2LSB) {
    reader.fail("no 64-bit little-endian ELF file");
  }
  if (header.e_machine != llvm::ELF::EM_AARCH64) reader.fail("not for aarch64");
  image->position_independent_ = header.e_type == llvm::ELF::ET_DYN;
  image->entry_ = header.e_entry;
  reader.segments();
  reader.symbols();
  reader.plt();
  return image;
}

std::optional<std::uint32_t> ElfImage::word(std::uint64_t address) const {
  for (const Segment& s : segments_) {
    if (address < s.address || address + 4 > s.address + s.bytes.size()) continue;
    std::uint32_t value = 0;
    std::memcpy(&value, s.bytes.data() + (address - s.address), 4);
    return value;
  }
  return std::nullopt;
}

const Symbol* ElfImage::find(std::string_view name) const {
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? nullptr : &at->second;
}

const Symbol* ElfImage::containing(std::uint64_t address) const {
  const auto after = std::upper_bound(functions_.begin(), functions_.end(), address,
                                      [](std::uint64_t a, const Symbol& s) { return a < s.address; });
  return after == functions_.begin() ? nullptr : &*(after - 1);
}

std::vector<AddressRange> ElfImage::code() const {
  std::vector<AddressRange> out;
  out.reserve(segments_.size());
  for (const Segment& s : segments_) out.push_back({s.address, s.address + s.bytes.size()});
  return out;
}

}  // namespace svetune::model
