// Which micro-kernels configurations need, as lines that the build takes (SVETUNE_INSTANTIATIONS in kernels/sve.cmake).
#pragma once

#include <set>
#include <string>

#include "space/configuration.hpp"

namespace svetune {

// Adds what a configuration calls, at any shape: its tile and all smaller ones, which edges take.
//   gemm ROWS VECTORS UNROLL | fused METHOD ROWS VECTORS | panel ROWS VECTORS SETS UNROLL |
//   interleaved ROWS VECTORS PARTS
// METHOD is the number of svetune_exp2. exp2 of rows, softmax and the study's kernels are in every library.
void add_instantiations(const svetune_config& config, std::set<std::string>& lines);

}  // namespace svetune
