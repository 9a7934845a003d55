// Which code a candidate runs: the places where it enters the kernels. What those call directly is read from the
// program's file (tuner/measure/kernel_image.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "micro/micro_kernels.hpp"
#include "micro/study.hpp"
#include "space/configuration.hpp"

namespace svetune {

// A copy of the table of micro-kernels in which every pointer leads over a stub that notes the call and jumps on. A
// strategy finds its micro-kernels in that table and nowhere else, so that a call with the copy tells which it uses,
// edges of tiles included, whatever the strategy.
class Footprint {
 public:
  // Throws std::bad_alloc where no page for the stubs is free within a direct jump of the code.
  explicit Footprint(const MicroKernels& kernels);
  ~Footprint();
  Footprint(const Footprint&) = delete;
  Footprint& operator=(const Footprint&) = delete;

  // Calls the configuration, which must have run before; addresses: the micro-kernels that it reached, and the
  // strategy's function. None where the strategy refuses.
  std::vector<std::uintptr_t> record(const svetune_problem& problem, const svetune_config& config,
                                     const svetune_args& args);

 private:
  static constexpr std::size_t kStubWords = 5;

  void redirect(void* object, std::size_t bytes);
  void write_stubs();

  MicroKernels kernels_;
  StudyKernels study_{};
  PanelTable panels_{};
  std::map<std::uintptr_t, std::size_t> stubs_;  // target, number
  std::byte* pages_ = nullptr;                   // stubs, then their notes: 8 bytes each, 0: not called
  std::size_t code_bytes_ = 0, bytes_ = 0;
};

// "27b000,27c0f4"
std::string address_list(const std::vector<std::uintptr_t>& addresses);

}  // namespace svetune
