// The lines between tuner and runner (docs/architecture.md): fields separated by tabs. Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace svetune::measure {

struct Request {
  std::string problem, configuration;  // canonical texts
  std::uint64_t seed = 0;
  unsigned batches = 0;  // of timed calls; 0: as many as it likes
};

struct Answer {
  std::map<std::string, std::string, std::less<>> fields;

  // Empty where the answer has no such field.
  std::string text(std::string_view key) const;
  // Nothing where the field is absent or no number.
  std::optional<double> number(std::string_view key) const;
  // "1200,1201.5"; nothing where one of them is no number.
  std::optional<std::vector<double>> numbers(std::string_view key) const;
  // "27b000,27c0f4", hexadecimal; empty where one of them is no number, too.
  std::vector<std::uint64_t> addresses(std::string_view key) const;
};

std::string request_line(std::uint64_t id, const Request& request);
// Nothing where the line is no answer to request `id`.
std::optional<Answer> parse_answer(std::uint64_t id, std::string_view line);
// A line of fields alone, as `describe` prints it.
std::optional<Answer> parse_fields(std::string_view fields);

}  // namespace svetune::measure
