// Configurations as text and as data: the axes of the space, and the enumeration of a strategy's values. Portable.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "space/problem.hpp"
#include "space/values.hpp"

namespace svetune {

struct MicroKernels;  // micro/micro_kernels.hpp: function pointers of one vector length

// One axis of the space: a field of svetune_config, with names for its values where they are not numbers.
struct Axis {
  std::string_view name;  // as in the canonical text: "mr"
  std::int32_t svetune_config::* field;
  std::span<const std::string_view> value_names;  // index = value; empty: plain integers
  std::string_view help;
};

// All axes in canonical order (the order of the text). A new axis is one line here and a field of svetune_config.
std::span<const Axis> axes();

// What a configuration is to run: the problem and the vector length.
struct Target {
  Problem problem;
  unsigned vector_bits = 512;
};

// An axis as a strategy uses it. `values` lists the values worth trying; any value that the constraints accept is
// valid.
struct AxisUse {
  std::string_view axis;
  Values (*values)(const Target&);
  std::int32_t default_value;
};

struct Constraint {
  std::string_view name;  // "registers"
  std::string_view why;   // "accumulators and operands must fit 32 vector registers"
  bool (*holds)(const Target&, const svetune_config&);
};

constexpr std::uint32_t operation_bit(svetune_operation operation) {
  return 1U << static_cast<unsigned>(operation);
}

// Kinds of micro-kernels that come in tiles.
inline constexpr std::uint32_t kCallsGemm = 1, kCallsFused = 2, kCallsPanels = 4, kCallsInterleaved = 8;

// A prepared call: the function that carries it out, and the strategy's own data, which it is given. May be copied.
struct PreparedState {
  using Call = svetune_status (*)(const void* data, const svetune_args* args);
  Call call = nullptr;     // given `data`, and operands that have been checked
  Call checked = nullptr;  // given this, and any operands: goes to `refused` where they are not plainly right; or null
  Call refused = nullptr;  // given this; set before prepare()
  alignas(8) std::array<std::byte, 1704> data;
};
static_assert(offsetof(PreparedState, refused) == 16 && offsetof(PreparedState, data) == 24);  // generator/chain.py

// A strategy: its part of the space and its loop nest. One file in strategies/ and one line in the registry.
struct Strategy {
  std::int32_t id = 0;
  std::string_view name, summary;
  bool may_win = true;   // false: a reference line (gemm), or outside the default sweep
  bool p_given = false;  // reads args.p instead of S
  bool published =
      false;  // compared with published cycles: timed without svetune_run, verified without masked elements
  std::span<const AxisUse> axes;
  std::span<const Constraint> constraints;
  std::size_t (*workspace_bytes)(const svetune_problem&, const svetune_config&) = nullptr;
  // Refuses, before it reads or writes anything, a configuration for which the table has no micro-kernel.
  svetune_status (*run)(const MicroKernels&, const svetune_problem&, const svetune_config&,
                        const svetune_args&) = nullptr;
  std::uint32_t operations = operation_bit(SVETUNE_EXP2_GEMM);  // what it computes
  std::uint32_t calls = 0;                                      // kinds of micro-kernels, in tiles of mr x nr
  // What can be looked up and divided once for many calls, where that is worth it: on the same terms as run.
  svetune_status (*prepare)(const MicroKernels&, const svetune_problem&, const svetune_config&,
                            PreparedState&) = nullptr;

  bool computes(std::int32_t operation) const {
    return operation >= 0 && operation < 32 && (operations >> static_cast<unsigned>(operation) & 1U) != 0;
  }
};

// The registry; tests link another one that adds faulty strategies.
std::span<const Strategy> strategies();
const Strategy* find_strategy(std::int32_t id);
const Strategy* find_strategy(std::string_view name);

// "strategy=separate exp2=fexpa exp2_unroll=4 mr=4 nr=4 k_unroll=2 order=rows". Absent axes take the strategy's
// default. Throws InputError for an unknown strategy, an unknown key, a bad value, a key given twice.
svetune_config parse_configuration(std::string_view text);
// The canonical text; parse_configuration(to_text(c)) == c.
std::string to_text(const svetune_config& config);
bool operator==(const svetune_config& a, const svetune_config& b);

// The first constraint that the configuration breaks, or nullptr.
const Constraint* first_broken_constraint(const Target& target, const svetune_config& config);

struct SpaceSize {
  std::size_t valid = 0, total = 0;
  std::map<std::string, std::size_t> rejected;  // by constraint name
};

// Every valid configuration of the strategies that may win (or of the one named), in a fixed order.
std::vector<svetune_config> enumerate(const Target& target, std::string_view only_strategy = {},
                                      SpaceSize* size = nullptr);

}  // namespace svetune
