#include "app/study.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <map>

namespace svetune::app {
namespace {

constexpr std::int64_t kTileColumns = 64;  // 4 vectors of 16 elements

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t from = 0; from <= line.size();) {
    const std::size_t comma = std::min(line.find(',', from), line.size());
    cells.push_back(line.substr(from, comma - from));
    from = comma + 1;
  }
  return cells;
}

// One line of the file under its heading.
class Row {
 public:
  Row(const std::vector<std::string>& heading, const std::vector<std::string>& cells, std::string where)
      : where_(std::move(where)) {
    if (cells.size() != heading.size()) {
      throw InputError(where_ + ": " + std::to_string(cells.size()) + " cells under " + std::to_string(heading.size()) +
                       " headings; give every column, empty where unknown");
    }
    for (std::size_t i = 0; i < cells.size(); ++i) cells_[heading[i]] = cells[i];
  }

  std::string text(const std::string& column) const {
    const auto found = cells_.find(column);
    if (found == cells_.end()) throw InputError(where_ + ": no column '" + column + "'; add it to the heading");
    return found->second;
  }

  std::optional<double> number(const std::string& column) const {
    const std::string cell = text(column);
    if (cell.empty()) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc{} || end != cell.data() + cell.size() || value <= 0) {
      throw InputError(where_ + ": " + column + " '" + cell + "' must be a number above 0, or empty");
    }
    return value;
  }

  std::int64_t extent(const std::string& column) const {
    const auto value = number(column);
    constexpr double kLargest = 2147483647;
    if (!value || *value > kLargest || *value != static_cast<double>(static_cast<std::int64_t>(*value))) {
      throw InputError(where_ + ": " + column + " must be a whole number from 1 to 2147483647");
    }
    return static_cast<std::int64_t>(*value);
  }

 private:
  std::string where_;
  std::map<std::string, std::string> cells_;
};

}  // namespace

std::span<const Approach> study_approaches() {
  static constexpr std::array kApproaches{
      Approach{"pass1_fused_k_blocked", "strategy=study approach=fused", true},
      Approach{"pass2_load_p_gemm", "strategy=study_gemm", true},
      Approach{"two_pass_combined", "strategy=study approach=two_pass", false},
      Approach{"separate_exp2_then_gemm", "strategy=study approach=separate", false},
      Approach{"pure_gemm", "strategy=study_gemm", false},
  };
  return kApproaches;
}

const Approach& find_approach(std::string_view name) {
  std::string known;
  for (const Approach& approach : study_approaches()) {
    if (approach.name == name) return approach;
    known += (known.empty() ? "" : ", ") + std::string(approach.name);
  }
  throw InputError("unknown approach '" + std::string(name) + "'; known are: " + known);
}

Problem approach_problem(const Approach& approach, std::int64_t m, std::int64_t nc, std::int64_t d) {
  const bool part = approach.one_tile && d > kTileColumns;
  std::string text = std::to_string(m) + 'x' + std::to_string(nc) + 'x' + std::to_string(part ? kTileColumns : d);
  if (part) text += ":ldv=" + std::to_string(d);
  return parse_problem(text + ":accuracy=low");
}

std::vector<MeasuredRow> read_measured(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw InputError("cannot read " + file.string() + "; --measured names a CSV file of measured cycles");
  std::vector<MeasuredRow> rows;
  std::vector<std::string> heading;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    if (heading.empty()) {
      heading = split(line);
      continue;
    }
    const Row cells(heading, split(line), file.string() + ':' + std::to_string(number));
    MeasuredRow row{cells.text("approach"), cells.extent("m"),      cells.extent("nc"),      cells.extent("d"),
                    cells.extent("d_tile"), cells.number("cycles"), cells.number("pct_peak")};
    find_approach(row.approach);
    rows.push_back(std::move(row));
  }
  if (rows.empty())
    throw InputError(file.string() + " has no rows; it needs a heading and a line for each measurement");
  return rows;
}

}  // namespace svetune::app
