// Results as JSON and as text: the same words in every command. Pure functions.
#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/evaluator.hpp"

namespace svetune::app {

using Json = nlohmann::ordered_json;

// problem, config, status, detail, cycles, percent_of_peak, error, p_ulp, samples, timer; absent figures are null.
Json evaluation_json(const db::Evaluation& row, const std::string& timer, double peak_flop_per_cycle);
Json report_json(const model::Report& report);
Json cpu_json(const StageSeconds& cpu);

// Columns as wide as their widest cell; the first row is the heading. Columns named in `right` are aligned right.
std::string table_text(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right);
// "1287", "1287.5", "-" for none
std::string cycles_text(const std::optional<double>& cycles);
std::string fixed_text(double value, int decimals);
// "3.1e-07", "-" for none
std::string error_text(const std::optional<double>& error);

// Of a report: lost dispatch cycles by cause and use of each pipe, in cycles a `per` (as "an iteration") and in
// percent.
void print_cycle_tables(std::ostream& out, const model::Report& report, double per, int decimals,
                        const std::string& unit);

// Where the cycles of a call go, of a model's report.
void print_report(std::ostream& out, const model::Report& report);

}  // namespace svetune::app
