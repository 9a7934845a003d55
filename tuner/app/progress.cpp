#include "app/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace svetune::app {
namespace {

constexpr double kTerminalInterval = 0.2, kPlainInterval = 5.0;  // seconds

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  std::ostringstream text;
  if (whole < 60) {
    text << whole << " s";
  } else if (whole < 3600) {
    text << whole / 60 << " min " << whole % 60 << " s";
  } else {
    text << whole / 3600 << " h " << whole / 60 % 60 << " min";
  }
  return text.str();
}

std::string progress_line(const SweepProgress& progress) {
  if (progress.problems.empty()) return {};
  const std::size_t shown = std::min(progress.current, progress.problems.size() - 1);
  const ProblemProgress& now = progress.problems[shown];
  std::ostringstream line;
  line << '[' << shown + 1 << '/' << progress.problems.size() << "] " << now.problem << "  " << now.done << '/'
       << now.total << std::fixed << std::setprecision(1);
  if (now.best_percent) line << "  best " << *now.best_percent << " % of peak";
  std::size_t left = 0;
  std::map<db::Status, std::size_t> failures;
  for (const ProblemProgress& problem : progress.problems) {
    left += problem.total - problem.done;
    for (const auto& [status, count] : problem.failures) failures[status] += count;
  }
  if (progress.evaluated > 0 && progress.seconds > 0) {
    const double rate = static_cast<double>(progress.evaluated) / progress.seconds;
    line << "  " << std::setprecision(rate < 10 ? 1 : 0) << rate << "/s";
    if (left > 0) line << "  " << duration_text(static_cast<double>(left) / rate) << " left";
  }
  for (const auto& [status, count] : failures) line << "  " << db::to_text(status) << ' ' << count;
  return line.str();
}

void ProgressView::show(const SweepProgress& progress, bool force) {
  if (!force && progress.seconds < next_) return;
  next_ = progress.seconds + (terminal_ ? kTerminalInterval : kPlainInterval);
  std::string line = progress_line(progress);
  if (!terminal_) {
    if (line != last_) out_ << line << '\n' << std::flush;
  } else {
    line.resize(std::min(line.size(), terminal_width() - 1));  // a line that wraps cannot be overwritten
    out_ << '\r' << line << "\x1b[K" << std::flush;
  }
  last_ = std::move(line);
}

void ProgressView::clear() {
  if (terminal_ && !last_.empty()) out_ << "\r\x1b[K" << std::flush;
}

}  // namespace svetune::app
