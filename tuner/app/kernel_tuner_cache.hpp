// Cache files of Kernel Tuner whose parameters are the axes of our spaces, as it writes them and as `svetune export
// kernel-tuner` does.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "db/store.hpp"

namespace svetune::app {

struct KernelTunerCache {
  Problem problem;
  std::string device;                // as the file names it
  std::vector<db::Evaluation> rows;  // samples and cycles as of a clock of 1 GHz: a million a millisecond
};

// A file without its end, as a run that was interrupted leaves it, is read as far as it goes. Throws InputError for
// anything else that is no such file.
KernelTunerCache read_kernel_tuner(const std::filesystem::path& file);

}  // namespace svetune::app
