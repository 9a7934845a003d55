// What the tests of the database share: a folder of their own, and rows.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "db/store.hpp"

namespace svetune::db {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "svetune-db-XXXXXX").string();
    path_ = mkdtemp(name.data());
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline Machine a64fx(std::string compiler = "clang 19.1.7") {
  return {"a64fx", 512, 2.2, 64, std::move(compiler), "-O2 -march=armv8.2-a+sve"};
}
inline Machine v1() {
  return {"neoverse-v1", 256, 2.6, 32, "clang 19.1.7", "-O2"};
}
inline Timer model_timer(std::string version = "1") {
  return {"model:a64fx", std::move(version)};
}

inline Evaluation timed(const std::string& problem, const std::string& config, double cycles) {
  Evaluation row;
  row.problem = parse_problem(problem);
  row.config = parse_configuration(config);
  row.error = 1e-7;
  row.p_ulp = 0.9;
  row.samples = {cycles};
  row.when = "2026-11-24T12:00:00Z";
  return row;
}

inline Evaluation failed(const std::string& problem, const std::string& config, Status status) {
  Evaluation row;
  row.problem = parse_problem(problem);
  row.config = parse_configuration(config);
  row.status = status;
  row.detail = "why";
  row.when = "2026-11-24T12:00:00Z";
  return row;
}

// The message of the InputError that `action` throws; empty where it throws none.
template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace svetune::db
