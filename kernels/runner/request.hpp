// The runner's lines: request and answer (docs/architecture.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "space/configuration.hpp"

namespace svetune {

struct Request {
  std::string problem_text;
  Problem problem;
  std::uint64_t seed = 0;
  svetune_config config{};
  unsigned batches = 15;  // of timed calls
};

// id of a request line: everything up to the first tab.
std::string request_id(std::string_view line);
// Throws InputError.
Request parse_request(std::string_view line);

// "\tkey=value"; tabs and line ends in the value become spaces.
std::string field(std::string_view key, std::string_view value);
std::string field(std::string_view key, double value);

// A candidate of the process: one at a time, its buffers kept while the problem and seed stay the same.
class Mode {
 public:
  virtual ~Mode() = default;
  // The answer's fields.
  virtual std::string answer(const Request& request) = 0;
};

// Constraints, accuracy and vector length: the fields of a refusal, or nothing.
std::string refusal(const Request& request);

}  // namespace svetune
