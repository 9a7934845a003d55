#include "db/export/formats.hpp"

#include <algorithm>
#include <sstream>

#include "db/export/writers.hpp"

namespace svetune::db {

std::span<const Format> formats() {
  static constexpr Format kFormats[] = {
      {"header", "C11 and C++17 header with the winners and a lookup; depends on nothing", write_header},
      {"instantiations", "the micro-kernels that the header needs, for a small library", write_instantiations},
      {"json", "every evaluation with its machine, timer and samples", write_json},
      {"kernel-tuner", "cache file of Kernel Tuner 1.4 for one problem", write_kernel_tuner},
      {"t4", "T4 results of the autotuning community, one problem", write_t4},
      {"csv", "every evaluation, a line each", write_csv},
  };
  return kFormats;
}

const Format& find_format(std::string_view name) {
  const auto all = formats();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Format& format) { return format.name == name; });
  if (found != all.end()) return *found;
  std::string known;
  for (const Format& format : all) known += (known.empty() ? "" : ", ") + std::string(format.name);
  throw InputError("unknown export format \"" + std::string(name) + "\"; known formats: " + known);
}

std::string export_text(const Format& format, const Store& store, const ExportOptions& options) {
  std::ostringstream out;
  format.write(store, options, out);
  return std::move(out).str();
}

std::string export_header(const Store& store, const ExportOptions& options) {
  return export_text(find_format("header"), store, options);
}

}  // namespace svetune::db
