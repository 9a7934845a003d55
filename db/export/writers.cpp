#include "db/export/writers.hpp"

#include <array>
#include <charconv>

namespace svetune::db {

bool selected(const Evaluation& evaluation, const Machine& machine, const ExportOptions& options) {
  return (!options.processor || machine.processor == *options.processor) &&
         (!options.timer || evaluation.timer == *options.timer);
}

std::string number_text(double value) {
  std::array<char, 64> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace svetune::db
