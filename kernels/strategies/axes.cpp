// Values and constraints of the axes that several strategies share.
#include <algorithm>

#include "strategies/common.hpp"

namespace svetune {
namespace {

std::int32_t vectors_of(std::int64_t elements, const Target& target) {
  const std::int64_t lanes = target.vector_bits / 32;
  return static_cast<std::int32_t>(std::min<std::int64_t>((elements + lanes - 1) / lanes, 1 << 20));
}

Values up_to(std::int64_t last) {
  Values values;
  for (std::int32_t value = 1; value <= last; ++value) values.push_back(value);
  return values;
}

Values powers_up_to(std::int32_t last) {
  Values values;
  for (std::int32_t value = 1; value <= last; value *= 2) values.push_back(value);
  return values;
}

}  // namespace

Values exp2_values(const Target& target) {
  switch (target.problem.shape.accuracy) {
    case SVETUNE_ACCURACY_HIGH:
      return {SVETUNE_EXP2_FEXPA, SVETUNE_EXP2_SQUARE};
    case SVETUNE_ACCURACY_MEDIUM:
      return {SVETUNE_EXP2_FEXPA, SVETUNE_EXP2_DEGREE1};
    case SVETUNE_ACCURACY_LOW:
      return {SVETUNE_EXP2_FEXPA, SVETUNE_EXP2_STUDY, SVETUNE_EXP2_TABLE};
    default:
      return {SVETUNE_EXP2_FEXPA};
  }
}

Values exp2_unroll_values(const Target& target) {
  return powers_up_to(std::min(8, vectors_of(target.problem.shape.nc, target)));
}

Values mr_values(const Target& target) {
  return up_to(std::min<std::int64_t>(kMaxTileRows, target.problem.shape.m));
}

Values nr_values(const Target& target) {
  return up_to(std::min(kMaxTileVectors, vectors_of(target.problem.shape.d, target)));
}

Values k_unroll_values(const Target& target) {
  return powers_up_to(static_cast<std::int32_t>(std::min<std::int64_t>(4, target.problem.shape.nc)));
}

Values block_values(const Target& target) {
  Values values = {0};
  for (std::int32_t block = 32; block < target.problem.shape.nc && block <= 512; block *= 2) values.push_back(block);
  return values;
}

Values order_values(const Target&) {
  return {SVETUNE_ORDER_ROWS, SVETUNE_ORDER_COLUMNS};
}

bool accuracy_holds(const Target& target, const svetune_config& config) {
  return config.exp2 >= SVETUNE_EXP2_FEXPA && config.exp2 <= SVETUNE_EXP2_TABLE &&
         accuracy_of(config.exp2) <= target.problem.shape.accuracy;
}

bool exp2_unroll_holds(const Target&, const svetune_config& config) {
  return unroll_index(config.exp2_unroll) >= 0;
}

bool gemm_tile_holds(const Target&, const svetune_config& config) {
  return gemm_tile_fits(config.mr, config.nr);
}

bool fused_tile_holds(const Target&, const svetune_config& config) {
  return fused_tile_fits(config.mr, config.nr);
}

bool fused_exp2_holds(const Target&, const svetune_config& config) {
  return config.exp2 != SVETUNE_EXP2_SQUARE;
}

bool k_unroll_holds(const Target&, const svetune_config& config) {
  return config.k_unroll != 8 && unroll_index(config.k_unroll) >= 0;
}

bool block_holds(const Target& target, const svetune_config& config) {
  return config.k_block == 0 || (config.k_block >= 1 && config.k_block < target.problem.shape.nc);
}

bool order_holds(const Target&, const svetune_config& config) {
  return config.order == SVETUNE_ORDER_ROWS || config.order == SVETUNE_ORDER_COLUMNS;
}

}  // namespace svetune
