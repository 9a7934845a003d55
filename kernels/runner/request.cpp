#include "runner/request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace svetune {
namespace {

template <typename Whole>
bool read_whole(std::string_view text, Whole& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string request_id(std::string_view line) {
  return std::string(line.substr(0, line.find('\t')));
}

Request parse_request(std::string_view line) {
  std::array<std::string_view, 5> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto at = std::min(line.find('\t'), line.size());
    if (at == line.size() && i < 3)
      throw InputError("request: write id, problem, seed and configuration, separated by tabs");
    parts.at(i) = line.substr(0, at);
    line.remove_prefix(std::min(at + 1, line.size()));
  }
  Request request;
  request.problem_text = parts[1];
  request.problem = parse_problem(parts[1]);
  if (!read_whole(parts[2], request.seed)) throw InputError("request: the seed must be a whole number");
  request.config = parse_configuration(parts[3]);
  if (parts[4].empty()) return request;
  constexpr unsigned kMostBatches = 10000;
  if (!read_whole(parts[4], request.batches) || request.batches < 1 || request.batches > kMostBatches)
    throw InputError("request: the number of batches must be from 1 to " + std::to_string(kMostBatches));
  return request;
}

std::string field(std::string_view key, std::string_view value) {
  std::string text = "\t" + std::string(key) + "=" + std::string(value);
  std::replace_if(text.begin() + 1, text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string field(std::string_view key, double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return field(key, text.data());
}

std::string refusal(const Request& request) {
  const unsigned bits = svetune_vector_bits();
  if (bits != 128 && bits != 256 && bits != 512)
    return field("status", "unsupported") +
           field("detail",
                 "kernels exist for vectors of 128, 256 and 512 bits; this processor has " + std::to_string(bits));
  const auto* broken = first_broken_constraint({request.problem, bits}, request.config);
  if (broken == nullptr) return {};
  return field("status", "rejected") + field("detail", std::string(broken->name) + ": " + std::string(broken->why));
}

}  // namespace svetune
