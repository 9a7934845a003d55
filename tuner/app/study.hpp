// The published study's five approaches (4x4v register tile, fourteen-instruction exp2, two 64-column tiles of V) as
// configurations of this program.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "space/configuration.hpp"

namespace svetune::app {

struct Approach {
  std::string_view name;    // as in the study's table: "pure_gemm"
  std::string_view config;  // text of the configuration
  bool one_tile = false;    // covers 64 columns of a V whose rows are as long as the problem's
};

std::span<const Approach> study_approaches();
// Throws InputError that lists the known ones.
const Approach& find_approach(std::string_view name);
// The problem that an approach solves as its part of m x nc x d.
Problem approach_problem(const Approach& approach, std::int64_t m, std::int64_t nc, std::int64_t d);

struct MeasuredRow {
  std::string approach;
  std::int64_t m = 0, nc = 0, d = 0, d_tile = 0;
  std::optional<double> cycles, percent_of_peak;
};

// Columns approach, m, nc, d, d_tile, cycles, pct_peak in any order, others ignored; '#' begins a comment line.
// Throws InputError that names file and line.
std::vector<MeasuredRow> read_measured(const std::filesystem::path& file);

}  // namespace svetune::app
