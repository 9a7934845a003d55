// The program as a function: arguments in; exit code, standard output and standard error out.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "app/application.hpp"

namespace svetune::app {

struct Ran {
  int code = 0;
  std::string out, err;
};

inline Ran run_with(const std::string& runner, const std::vector<std::string>& arguments,
                    const std::string& search_path = std::getenv("PATH")) {
  std::ostringstream out, err;
  Environment environment{out, err, SVETUNE_BIN_DIR};
  environment.runner_name = runner;
  environment.search_path = search_path;
  const int code = run(arguments, environment);
  return {code, out.str(), err.str()};
}

// A folder of its own that is gone afterwards.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "svetune-test.XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  bool empty() const { return std::filesystem::is_empty(path_); }

 private:
  std::filesystem::path path_;
};

}  // namespace svetune::app
