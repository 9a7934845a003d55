// The regions of an assembly text, as llvm-mca marks them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace svetune::model {

struct AssemblyRegion {
  std::string name;  // behind "LLVM-MCA-BEGIN"; empty for an unnamed region, or where the text has no markers
  std::string text;  // the whole text with this region's markers alone: line numbers stay
};

// "# LLVM-MCA-BEGIN [name]" opens a region, "# LLVM-MCA-END [name]" closes it; regions may overlap where they have
// names, and one that is not closed goes to the end. Without markers the text is one region. Throws InputError
// "file:line: what" on an end without a beginning and on a name that is opened twice.
std::vector<AssemblyRegion> assembly_regions(std::string_view text, const std::string& file = "assembly");

}  // namespace svetune::model
