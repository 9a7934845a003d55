// Whether a stored time still says something about this program's kernels and models.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "app/application.hpp"
#include "db/store.hpp"
#include "measure/kernel_image.hpp"

namespace svetune::app {

class Staleness {
 public:
  // `image`: this program's kernels; null: there are none to compare with. `store` must outlive this object.
  Staleness(const db::Store& store, std::shared_ptr<const measure::KernelImage> image);
  // With the kernels of the default runner, where there is one.
  Staleness(const db::Store& store, const Environment& environment);

  // Why an evaluation is stale, as a sentence's part ("timed by version 1 of model:a64fx, this program has version 2");
  // nothing where it is not. A timer that only a processor with SVE can describe is judged on such a processor alone.
  std::optional<std::string> of(const db::Evaluation& row) const;
  // Has the code changed that was measured under this hash? Of no hash: yes, for nothing tells that it has not.
  bool kernel_changed(const std::optional<std::string>& kernel_hash) const;
  // Why kernels are not compared; empty: they are.
  const std::string& blind() const { return blind_; }

 private:
  const db::Store& store_;
  std::shared_ptr<const measure::KernelImage> image_;
  std::string blind_;
  mutable std::unordered_map<std::string, bool> known_;  // by hash
};

}  // namespace svetune::app
