#include "measure/protocol.hpp"

#include <charconv>

namespace svetune::measure {
namespace {

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Parts of a list that are separated by commas.
std::vector<std::string_view> words(std::string_view list) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0; from < list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    parts.push_back(list.substr(from, comma - from));
    from = comma + 1;
  }
  return parts;
}

}  // namespace

std::string Answer::text(std::string_view key) const {
  const auto found = fields.find(key);
  return found == fields.end() ? std::string() : found->second;
}

std::optional<double> Answer::number(std::string_view key) const {
  return parse_number(text(key));
}

std::optional<std::vector<double>> Answer::numbers(std::string_view key) const {
  std::vector<double> values;
  const std::string list = text(key);
  for (const std::string_view word : words(list)) {
    const auto value = parse_number(word);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

std::vector<std::uint64_t> Answer::addresses(std::string_view key) const {
  std::vector<std::uint64_t> values;
  const std::string list = text(key);
  for (const std::string_view word : words(list)) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
    if (error != std::errc{} || end != word.data() + word.size()) return {};
    values.push_back(value);
  }
  return values;
}

std::string request_line(std::uint64_t id, const Request& request) {
  return std::to_string(id) + '\t' + request.problem + '\t' + std::to_string(request.seed) + '\t' +
         request.configuration + (request.batches == 0 ? "" : '\t' + std::to_string(request.batches)) + '\n';
}

std::optional<Answer> parse_fields(std::string_view fields) {
  Answer answer;
  for (std::size_t from = 0; from < fields.size();) {
    const std::size_t tab = std::min(fields.find('\t', from), fields.size());
    const std::string_view field = fields.substr(from, tab - from);
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    answer.fields.emplace(field.substr(0, equals), field.substr(equals + 1));
    from = tab + 1;
  }
  return answer;
}

std::optional<Answer> parse_answer(std::uint64_t id, std::string_view line) {
  const std::string expected = std::to_string(id) + '\t';
  if (!line.starts_with(expected)) return std::nullopt;
  return parse_fields(line.substr(expected.size()));
}

}  // namespace svetune::measure
