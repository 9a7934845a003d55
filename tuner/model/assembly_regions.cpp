#include "model/assembly_regions.hpp"

#include <algorithm>

#include "model/error.hpp"

namespace svetune::model {
namespace {

constexpr std::string_view kBegin = "LLVM-MCA-BEGIN", kEnd = "LLVM-MCA-END";

struct Marker {
  std::size_t at = 0, length = 0;  // in the text
  std::size_t region = 0;
};

struct Region {
  std::string name;
  bool open = true;
};

std::string_view name_behind(std::string_view line, std::size_t at) {
  line.remove_prefix(std::min(at, line.size()));
  const std::size_t first = line.find_first_not_of(" \t"), last = line.find_last_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  line = line.substr(first, last - first + 1);
  return line.ends_with("*/") ? line.substr(0, line.find_last_not_of(" \t", line.size() - 3) + 1) : line;
}

class MarkerReader {
 public:
  explicit MarkerReader(const std::string& file) : file_(file) {}

  void line(std::string_view text, std::size_t offset) {
    ++number_;
    if (const std::size_t at = text.find(kBegin); at != std::string_view::npos) {
      open(name_behind(text, at + kBegin.size()));
      markers.push_back({offset + at, kBegin.size(), regions.size() - 1});
    } else if (const std::size_t end = text.find(kEnd); end != std::string_view::npos) {
      markers.push_back({offset + end, kEnd.size(), close(name_behind(text, end + kEnd.size()))});
    }
  }

  std::vector<Region> regions;
  std::vector<Marker> markers;

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(file_ + ":" + std::to_string(number_) + ": " + what);
  }

  void open(std::string_view name) {
    for (const Region& region : regions) {
      if (region.open && region.name == name)
        fail("the region '" + std::string(name) + "' is open already; close it with LLVM-MCA-END first");
    }
    regions.push_back({std::string(name), true});
  }

  std::size_t close(std::string_view name) {
    for (std::size_t r = regions.size(); r-- > 0;) {
      if (!regions[r].open || (!name.empty() && regions[r].name != name)) continue;
      regions[r].open = false;
      return r;
    }
    fail("LLVM-MCA-END " + std::string(name) + (name.empty() ? "" : " ") + "without an open LLVM-MCA-BEGIN before it");
  }

  const std::string& file_;
  unsigned number_ = 0;
};

}  // namespace

std::vector<AssemblyRegion> assembly_regions(std::string_view text, const std::string& file) {
  MarkerReader reader(file);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    reader.line(text.substr(begin, end - begin), begin);
    begin = end + 1;
  }
  if (reader.regions.empty()) return {{"", std::string(text)}};
  std::vector<AssemblyRegion> out;
  for (std::size_t r = 0; r < reader.regions.size(); ++r) {
    AssemblyRegion region{reader.regions[r].name, std::string(text)};
    for (const Marker& marker : reader.markers) {
      if (marker.region != r) region.text.replace(marker.at, marker.length, marker.length, ' ');
    }
    out.push_back(std::move(region));
  }
  return out;
}

}  // namespace svetune::model
