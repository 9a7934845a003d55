#include "runner/footprint.hpp"

#include <sys/mman.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <new>

extern "C" {
// Bounds of the code of timed calls (svetune_text.ld).
extern const char svetune_text_begin[], svetune_text_end[];
}

namespace svetune {
namespace {

constexpr std::size_t kPage = 65536;  // the largest that the system may have
constexpr std::int64_t kReach = std::int64_t{127} << 20U;

std::uintptr_t address(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

bool is_code(std::uintptr_t word) {
  return word >= address(svetune_text_begin) && word < address(svetune_text_end) && word % 4 == 0;
}

// Adds every word of an object that is a place in the code.
void keep_code(const void* object, std::size_t bytes, std::vector<std::uintptr_t>& places) {
  for (std::size_t at = 0; at + sizeof(std::uintptr_t) <= bytes; at += sizeof(std::uintptr_t)) {
    std::uintptr_t word = 0;
    std::memcpy(&word, static_cast<const std::byte*>(object) + at, sizeof word);
    if (is_code(word)) places.push_back(word);
  }
}

// Pages within a direct jump of the code: below it, where a static program leaves two megabytes free, else above.
std::byte* map_near(std::size_t bytes) {
  constexpr std::uintptr_t kStep = std::uintptr_t{1} << 19U;
  const std::uintptr_t last = address(svetune_text_begin) + static_cast<std::uintptr_t>(kReach) - bytes;
  for (std::uintptr_t at = kStep; at < last; at += kStep) {
    void* const got = mmap(reinterpret_cast<void*>(at), bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (got == MAP_FAILED) continue;
    if (address(got) == at) return static_cast<std::byte*>(got);
    munmap(got, bytes);  // a kernel that does not know the flag
  }
  throw std::bad_alloc();
}

}  // namespace

Footprint::Footprint(const MicroKernels& kernels) : kernels_(kernels) {
  // First what is pointed to, then the copy that points to it.
  if (kernels.study != nullptr) study_ = *kernels.study;
  if (kernels.panels != nullptr) panels_ = *kernels.panels;
  std::vector<std::uintptr_t> targets;
  keep_code(&kernels_, sizeof kernels_, targets);
  keep_code(&study_, sizeof study_, targets);
  keep_code(&panels_, sizeof panels_, targets);
  for (const std::uintptr_t target : targets) stubs_.emplace(target, stubs_.size());
  code_bytes_ = (stubs_.size() * kStubWords * 4 + kPage - 1) / kPage * kPage;
  bytes_ = code_bytes_ + (stubs_.size() * 8 + kPage - 1) / kPage * kPage;
  pages_ = map_near(bytes_);
  write_stubs();
  redirect(&study_, sizeof study_);
  redirect(&panels_, sizeof panels_);
  redirect(&kernels_, sizeof kernels_);
  if (kernels.study != nullptr) kernels_.study = &study_;
  if (kernels.panels != nullptr) kernels_.panels = &panels_;
}

Footprint::~Footprint() {
  munmap(pages_, bytes_);
}

// No register is changed: links of chains keep their state in most of them.
void Footprint::write_stubs() {
  for (const auto& [target, number] : stubs_) {
    const std::size_t at = number * kStubWords * 4;
    const auto note = static_cast<std::uint32_t>(code_bytes_ + number * 8 - (at + 4));
    const auto jump = static_cast<std::int64_t>(target) - static_cast<std::int64_t>(address(pages_) + at + 16);
    const std::array<std::uint32_t, kStubWords> words{
        0xA9BF47F0U,                                                         // stp x16, x17, [sp, #-16]!
        0x10000010U | (note & 3U) << 29U | (note >> 2U) << 5U,               // adr x16, note
        0xF9000210U,                                                         // str x16, [x16]
        0xA8C147F0U,                                                         // ldp x16, x17, [sp], #16
        0x14000000U | (static_cast<std::uint32_t>(jump >> 2) & 0x3FFFFFFU),  // b target
    };
    std::memcpy(pages_ + at, words.data(), sizeof words);
  }
  if (mprotect(pages_, code_bytes_, PROT_READ | PROT_EXEC) != 0) {
    munmap(pages_, bytes_);
    throw std::bad_alloc();
  }
  __builtin___clear_cache(reinterpret_cast<char*>(pages_), reinterpret_cast<char*>(pages_ + code_bytes_));
}

void Footprint::redirect(void* object, std::size_t bytes) {
  for (std::size_t at = 0; at + sizeof(std::uintptr_t) <= bytes; at += sizeof(std::uintptr_t)) {
    std::byte* const place = static_cast<std::byte*>(object) + at;
    std::uintptr_t word = 0;
    std::memcpy(&word, place, sizeof word);
    const auto found = stubs_.find(word);
    if (found == stubs_.end()) continue;
    word = address(pages_) + found->second * kStubWords * 4;
    std::memcpy(place, &word, sizeof word);
  }
}

std::vector<std::uintptr_t> Footprint::record(const svetune_problem& problem, const svetune_config& config,
                                              const svetune_args& args) {
  const Strategy& strategy = *find_strategy(config.strategy);
  std::byte* const notes = pages_ + code_bytes_;
  std::memset(notes, 0, stubs_.size() * 8);
  std::vector<std::uintptr_t> addresses{reinterpret_cast<std::uintptr_t>(strategy.run)};
  PreparedState state{};
  svetune_status status = SVETUNE_OK;
  if (strategy.prepare != nullptr) {
    addresses = {reinterpret_cast<std::uintptr_t>(strategy.prepare)};
    status = strategy.prepare(kernels_, problem, config, state);
    if (status != SVETUNE_OK) return {};
    // Functions of the strategy's own that it keeps there: no stub leads to them.
    keep_code(&state, sizeof state, addresses);
  }
  status = state.call != nullptr ? state.call(state.data.data(), &args) : strategy.run(kernels_, problem, config, args);
  if (status != SVETUNE_OK) return {};
  for (const auto& [target, number] : stubs_) {
    std::uint64_t note = 0;
    std::memcpy(&note, notes + number * 8, sizeof note);
    if (note != 0) addresses.push_back(target);
  }
  return addresses;
}

std::string address_list(const std::vector<std::uintptr_t>& addresses) {
  std::string text;
  for (const std::uintptr_t place : addresses) {
    char hex[24];
    std::snprintf(hex, sizeof hex, "%s%llx", text.empty() ? "" : ",", static_cast<unsigned long long>(place));
    text += hex;
  }
  return text;
}

}  // namespace svetune
