#include "measure/kernel_image.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

#include "space/problem.hpp"

namespace svetune::measure {
namespace {

constexpr std::string_view kSection = ".svetune_text";

// FNV-1a.
class Hash {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) state_ = (state_ ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3U;
  }
  void add(std::uint64_t value) { add(std::as_bytes(std::span(&value, 1))); }
  void add(std::string_view text) {
    add(std::as_bytes(std::span(text)));
    add(text.size());
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

std::string hex(std::uint64_t value) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> static_cast<unsigned>(shift) & 15U];
  return text;
}

std::string name_hash(std::string_view name) {
  Hash hash;
  hash.add(name);
  return hex(hash.value());
}

// A field of an instruction that depends on where something lies.
struct Branch {
  std::uint32_t mask = 0;  // of the field; 0: no branch
  std::int64_t offset = 0;
};

std::int64_t signed_field(std::uint32_t word, unsigned low, unsigned bits) {
  return static_cast<std::int64_t>(std::uint64_t{word} >> low << (64 - bits)) >> (64 - bits) << 2;
}

// Encodings: Arm Architecture Reference Manual, C4.1. B, BL; B.cond; CBZ, CBNZ and LDR of a literal; TBZ, TBNZ.
Branch branch_of(std::uint32_t word) {
  constexpr std::uint32_t kImm26 = 0x03FFFFFF, kImm19 = 0x00FFFFE0, kImm14 = 0x0007FFE0;
  if ((word & 0x7C000000U) == 0x14000000U) return {kImm26, signed_field(word, 0, 26)};
  if ((word & 0xFF000000U) == 0x54000000U || (word & 0x7E000000U) == 0x34000000U || (word & 0x3B000000U) == 0x18000000U)
    return {kImm19, signed_field(word, 5, 19)};
  if ((word & 0x7E000000U) == 0x36000000U) return {kImm14, signed_field(word, 5, 14)};
  return {};
}

// What the linker has filled in for a relocation (ELF for the Arm 64-bit architecture, 5.7).
struct Filled {
  std::uint32_t mask = 0;  // 0: a branch, or none that kernels have
  std::size_t loaded = 0;  // bytes that the instruction loads from the place
  bool by_symbol = false;  // a slot of the global offset table: only the symbol tells what it is
};

Filled filled_of(std::uint32_t type) {
  constexpr std::uint32_t kImm21 = 0x60FFFFE0, kImm12 = 0x003FFC00;
  switch (type) {
    case R_AARCH64_ADR_PREL_LO21:
    case R_AARCH64_ADR_PREL_PG_HI21:
    case R_AARCH64_ADR_PREL_PG_HI21_NC:
      return {kImm21, 0, false};
    case R_AARCH64_ADR_GOT_PAGE:
      return {kImm21, 0, true};
    case R_AARCH64_ADD_ABS_LO12_NC:
      return {kImm12, 0, false};
    case R_AARCH64_LDST8_ABS_LO12_NC:
      return {kImm12, 1, false};
    case R_AARCH64_LDST16_ABS_LO12_NC:
      return {kImm12, 2, false};
    case R_AARCH64_LDST32_ABS_LO12_NC:
      return {kImm12, 4, false};
    case R_AARCH64_LDST64_ABS_LO12_NC:
      return {kImm12, 8, false};
    case R_AARCH64_LDST128_ABS_LO12_NC:
      return {kImm12, 16, false};
    case R_AARCH64_LD64_GOT_LO12_NC:
    case R_AARCH64_LD64_GOTPAGE_LO15:
      return {kImm12, 0, true};
    default:
      return {};
  }
}

struct Reference {
  Filled filled;
  std::uint64_t place = 0;
  std::string symbol;
};

struct Named {
  std::uint64_t begin = 0, size = 0;
  std::string name;
};

}  // namespace

// Parses the file; every offset of it is checked.
class KernelImage::Reader {
 public:
  Reader(KernelImage& image, const std::filesystem::path& file) : image_(image), file_(file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) fail("cannot be read");
    bytes_.assign(std::istreambuf_iterator<char>(in), {});
  }

  void read() {
    const auto header = at<Elf64_Ehdr>(0);
    if (std::memcmp(static_cast<const unsigned char*>(header.e_ident), ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != EM_AARCH64) {
      fail("is no aarch64 program");
    }
    for (std::size_t i = 0; i < header.e_shnum; ++i)
      sections_.push_back(at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr)));
    if (header.e_shstrndx >= sections_.size()) fail("has no sections");
    const auto text = std::ranges::find_if(sections_, [&](const Elf64_Shdr& section) {
      return string(sections_[header.e_shstrndx], section.sh_name) == kSection;
    });
    if (text == sections_.end()) fail("has no section " + std::string(kSection));
    text_ = static_cast<std::size_t>(text - sections_.begin());
    read_symbols();
    read_relocations();
    for (Function& function : image_.functions_) read_code(function);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw InputError("the runner " + file_.string() + " " + why + "; build it again with scripts/build");
  }

  template <typename T>
  T at(std::uint64_t offset) const {
    if (offset > bytes_.size() || sizeof(T) > bytes_.size() - offset) fail("is cut short");
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  std::string string(const Elf64_Shdr& table, std::uint64_t offset) const {
    const std::uint64_t begin = table.sh_offset + offset;
    const std::size_t end = begin < bytes_.size() ? bytes_.find('\0', begin) : std::string::npos;
    if (end == std::string::npos) fail("is cut short");
    return bytes_.substr(begin, end - begin);
  }

  // Bytes of constant data; nothing where the file holds none (memory that starts as zero) or the data may be written.
  std::span<const std::byte> constants(std::uint64_t place, std::size_t size) const {
    for (const Elf64_Shdr& section : sections_) {
      if (section.sh_addr == 0 || place < section.sh_addr || place - section.sh_addr >= section.sh_size) continue;
      const std::uint64_t offset = section.sh_offset + (place - section.sh_addr);
      if ((section.sh_flags & SHF_WRITE) != 0 || section.sh_type == SHT_NOBITS) return {};
      if (offset > bytes_.size() || size > bytes_.size() - offset) fail("is cut short");
      return std::as_bytes(std::span(bytes_)).subspan(offset, size);
    }
    return {};
  }

  void read_symbols() {
    const auto table = std::ranges::find(sections_, std::uint32_t{SHT_SYMTAB}, &Elf64_Shdr::sh_type);
    if (table == sections_.end() || table->sh_link >= sections_.size()) fail("has lost its symbols");
    std::map<std::string, int> locals;
    std::map<std::uint64_t, Function> functions;
    std::string source;
    for (std::uint64_t i = 0; i < table->sh_size / sizeof(Elf64_Sym); ++i) {
      const auto symbol = at<Elf64_Sym>(table->sh_offset + i * sizeof(Elf64_Sym));
      const unsigned type = ELF64_ST_TYPE(symbol.st_info);
      std::string name = string(sections_[table->sh_link], symbol.st_name);
      if (type == STT_FILE) source = name;
      const bool local = ELF64_ST_BIND(symbol.st_info) == STB_LOCAL;
      symbols_.push_back({symbol.st_value, symbol.st_size, name});
      if (type != STT_FUNC || symbol.st_shndx != text_) continue;
      if (local) {
        name.insert(0, source + ":");
        name += "#" + std::to_string(locals[name]++);
      }
      Function& function = functions[symbol.st_value];
      if (!function.name.empty() && (local || function.name < name)) continue;  // another name of the same
      function = {symbol.st_value, symbol.st_value + symbol.st_size, name, 0, {}};
    }
    // Assembly without sizes: up to the next function.
    const std::uint64_t last = sections_[text_].sh_addr + sections_[text_].sh_size;
    for (auto item = functions.begin(); item != functions.end(); ++item) {
      const std::uint64_t next = std::next(item) == functions.end() ? last : std::next(item)->first;
      if (item->second.end == item->second.begin) item->second.end = next;
      image_.functions_.push_back(std::move(item->second));
    }
    if (image_.functions_.empty()) fail("has no functions in " + std::string(kSection));
  }

  void read_relocations() {
    const auto table = std::ranges::find_if(
        sections_, [&](const Elf64_Shdr& section) { return section.sh_type == SHT_RELA && section.sh_info == text_; });
    if (table == sections_.end()) fail("has lost its relocations");
    for (std::uint64_t i = 0; i < table->sh_size / sizeof(Elf64_Rela); ++i) {
      const auto relocation = at<Elf64_Rela>(table->sh_offset + i * sizeof(Elf64_Rela));
      const Filled filled = filled_of(static_cast<std::uint32_t>(ELF64_R_TYPE(relocation.r_info)));
      const std::uint64_t symbol = ELF64_R_SYM(relocation.r_info);
      if (filled.mask == 0 || symbol >= symbols_.size()) continue;
      references_[relocation.r_offset] = {
          filled, symbols_[symbol].begin + static_cast<std::uint64_t>(relocation.r_addend), symbols_[symbol].name};
    }
  }

  void read_code(Function& function) const {
    const Elf64_Shdr& text = sections_[text_];
    Hash hash;
    for (std::uint64_t pc = function.begin; pc + 4 <= function.end; pc += 4) {
      auto word = at<std::uint32_t>(text.sh_offset + (pc - text.sh_addr));
      const auto reference = references_.find(pc);
      if (reference != references_.end()) {
        hash.add(word & ~reference->second.filled.mask);
        add_reference(hash, function, reference->second);
        continue;
      }
      const Branch branch = branch_of(word);
      const std::uint64_t target = pc + static_cast<std::uint64_t>(branch.offset);
      if (branch.mask == 0 || (target >= function.begin && target < function.end)) {
        hash.add(word);
      } else {
        hash.add(word & ~branch.mask);
        add_place(hash, function, target);
      }
    }
    function.content = hash.value();
  }

  void add_reference(Hash& hash, Function& function, const Reference& reference) const {
    if (reference.filled.by_symbol) {
      hash.add(reference.symbol);
    } else if (reference.filled.loaded != 0) {
      hash.add(constants(reference.place, reference.filled.loaded));
    } else {
      add_place(hash, function, reference.place);
    }
  }

  // Code by its function's name and the place in it; data has no name that lasts.
  void add_place(Hash& hash, Function& function, std::uint64_t place) const {
    const Function* const other = image_.at(place);
    if (other == nullptr) return;
    hash.add(other->name);
    hash.add(place - other->begin);
    if (other != &function) function.callees.push_back(place);
  }

  KernelImage& image_;
  std::filesystem::path file_;
  std::string bytes_;
  std::vector<Elf64_Shdr> sections_;
  std::size_t text_ = 0;
  std::vector<Named> symbols_;
  std::map<std::uint64_t, Reference> references_;  // by place
};

std::shared_ptr<const KernelImage> KernelImage::read(const std::filesystem::path& file) {
  const auto image = std::make_shared<KernelImage>();
  Reader(*image, file).read();
  for (const Function& function : image->functions_) image->contents_[name_hash(function.name)] = function.content;
  return image;
}

const KernelImage::Function* KernelImage::at(std::uint64_t place) const {
  auto after = std::ranges::upper_bound(functions_, place, {}, &Function::begin);
  if (after == functions_.begin()) return nullptr;
  --after;
  return place < after->end ? &*after : nullptr;
}

std::string KernelImage::combined(const std::map<std::string, std::uint64_t>& contents) const {
  Hash hash;
  for (const auto& [name, content] : contents) {
    hash.add(name);
    hash.add(content);
  }
  return hex(hash.value());
}

std::optional<KernelCode> KernelImage::code_of(std::span<const std::uint64_t> places, std::uint64_t call) const {
  std::set<const Function*> reached;
  std::vector<std::uint64_t> pending(places.begin(), places.end());
  while (!pending.empty()) {
    const Function* const function = at(pending.back());
    pending.pop_back();
    if (function == nullptr) return std::nullopt;
    if (reached.insert(function).second)
      pending.insert(pending.end(), function->callees.begin(), function->callees.end());
  }
  if (reached.empty()) return std::nullopt;
  if (call != 0) reached.insert(at(call));
  if (reached.contains(nullptr)) return std::nullopt;
  std::map<std::string, std::uint64_t> contents;
  for (const Function* function : reached) contents[name_hash(function->name)] = function->content;
  KernelCode code{combined(contents), {}};
  for (const auto& [name, content] : contents) code.functions += (code.functions.empty() ? "" : " ") + name;
  return code;
}

std::optional<std::string> KernelImage::hash_of(std::string_view functions) const {
  if (functions == "*") return whole().hash;
  std::map<std::string, std::uint64_t> contents;
  std::istringstream names{std::string(functions)};
  for (std::string name; names >> name;) {
    const auto found = contents_.find(name);
    if (found == contents_.end()) return std::nullopt;
    contents.emplace(*found);
  }
  if (contents.empty()) return std::nullopt;
  return combined(contents);
}

KernelCode KernelImage::whole() const {
  return {combined({contents_.begin(), contents_.end()}), "*"};
}

}  // namespace svetune::measure
