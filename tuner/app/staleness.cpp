#include "app/staleness.hpp"

#include "app/options.hpp"
#include "timing/timer.hpp"

namespace svetune::app {
namespace {

std::optional<std::string> timer_changed(const db::Evaluation& row) {
  if (!row.timer.starts_with("model:")) return std::nullopt;
  try {
    const std::string now = timing::choose_timer(row.timer).facts({}).timer.version;
    if (now == row.timer_version) return std::nullopt;
    return "timed by version " + row.timer_version + " of " + row.timer + ", this program has version " + now;
  } catch (const InputError&) {
    return row.timer + " is no model of this program";
  }
}

}  // namespace

Staleness::Staleness(const db::Store& store, std::shared_ptr<const measure::KernelImage> image)
    : store_(store), image_(std::move(image)) {}

Staleness::Staleness(const db::Store& store, const Environment& environment) : store_(store) {
  try {
    image_ = measure::KernelImage::read(default_runner(environment));
  } catch (const InputError& error) {
    blind_ = error.what();
  }
}

std::optional<std::string> Staleness::of(const db::Evaluation& row) const {
  if (auto why = timer_changed(row)) return why;
  if (image_ == nullptr || !kernel_changed(row.kernel_hash)) return std::nullopt;
  if (!row.kernel_hash) return "which kernel code was measured is not known";
  return "the code of its kernels has changed since " +
         (row.source_revision.empty() ? "then" : "revision " + row.source_revision);
}

bool Staleness::kernel_changed(const std::optional<std::string>& kernel_hash) const {
  if (!kernel_hash || image_ == nullptr) return image_ != nullptr;
  const auto [place, added] = known_.try_emplace(*kernel_hash, true);
  if (added) {
    const auto functions = store_.functions_of(*kernel_hash);
    place->second = !functions || image_->hash_of(*functions) != *kernel_hash;
  }
  return place->second;
}

}  // namespace svetune::app
