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

std::optional<double> ProblemProgress::gain() const {
  if (!best_cycles || !default_cycles) return std::nullopt;
  return *default_cycles / *best_cycles;
}

namespace {

// "4x128x128  240/1894  best 74.1 % of peak, 1.31 times the default"
std::string problem_text(const ProblemProgress& now) {
  std::ostringstream text;
  text << now.problem << "  " << now.done << '/' << now.total << std::fixed << std::setprecision(1);
  if (now.best_percent) text << "  best " << *now.best_percent << " % of peak";
  if (const auto gain = now.gain()) text << std::setprecision(2) << ", " << *gain << " times the default";
  return text.str();
}

// "83/s  20 s left"
std::string pace_text(const SweepProgress& progress) {
  if (progress.evaluated == 0 || progress.seconds <= 0) return {};
  std::size_t left = 0;
  for (const ProblemProgress& problem : progress.problems) left += problem.total - problem.done;
  const double rate = static_cast<double>(progress.evaluated) / progress.seconds;
  std::ostringstream text;
  text << std::fixed << std::setprecision(rate < 10 ? 1 : 0) << rate << "/s";
  if (left > 0) text << "  " << duration_text(static_cast<double>(left) / rate) << " left";
  return text.str();
}

// "crashed 2  wrong_result 3"
std::string failure_text(const SweepProgress& progress) {
  std::map<db::Status, std::size_t> failures;
  for (const ProblemProgress& problem : progress.problems) {
    for (const auto& [status, count] : problem.failures) failures[status] += count;
  }
  std::string text;
  for (const auto& [status, count] : failures)
    text += (text.empty() ? "" : "  ") + std::string(db::to_text(status)) + ' ' + std::to_string(count);
  return text;
}

}  // namespace

std::string progress_line(const SweepProgress& progress) {
  if (progress.problems.empty()) return {};
  const std::size_t shown = std::min(progress.current, progress.problems.size() - 1);
  std::string line = '[' + std::to_string(shown + 1) + '/' + std::to_string(progress.problems.size()) + "] " +
                     problem_text(progress.problems[shown]);
  for (const std::string& part : {pace_text(progress), failure_text(progress)}) {
    if (!part.empty()) line += "  " + part;
  }
  return line;
}

std::vector<std::string> progress_block(const SweepProgress& progress) {
  if (progress.problems.empty()) return {};
  const std::size_t shown = std::min(progress.current, progress.problems.size() - 1);
  std::size_t done = 0, total = 0, problems = 0;
  for (const ProblemProgress& problem : progress.problems) {
    done += problem.done;
    total += problem.total;
    problems += problem.done == problem.total ? 1 : 0;
  }
  constexpr std::size_t kBar = 24;
  const std::size_t filled = total == 0 ? 0 : kBar * done / total;
  std::vector<std::string> lines{'[' + std::string(filled, '#') + std::string(kBar - filled, '.') + "]  " +
                                 std::to_string(problems) + " of " + std::to_string(progress.problems.size()) +
                                 " problems done  " + std::to_string(done) + '/' + std::to_string(total) + "  " +
                                 pace_text(progress)};
  lines.push_back(problem_text(progress.problems[shown]));
  if (auto failures = failure_text(progress); !failures.empty()) lines.push_back("failed: " + std::move(failures));
  return lines;
}

void ProgressView::show(const SweepProgress& progress, bool force) {
  if (!force && progress.seconds < next_) return;
  next_ = progress.seconds + (terminal_ ? kTerminalInterval : kPlainInterval);
  if (terminal_) return draw(progress_block(progress));
  std::string line = progress_line(progress);
  if (line != last_) out_ << line << '\n' << std::flush;
  last_ = std::move(line);
}

// Over the block that is there; a line that wraps could not be overwritten.
void ProgressView::draw(const std::vector<std::string>& lines) {
  if (lines_ > 1) out_ << "\x1b[" << lines_ - 1 << 'A';
  for (std::size_t i = 0; i < lines.size(); ++i)
    out_ << (i == 0 ? "\r" : "\n") << lines[i].substr(0, terminal_width() - 1) << "\x1b[K";
  out_ << "\x1b[J" << std::flush;
  lines_ = lines.size();
}

void ProgressView::note(const std::string& line) {
  out_ << line << '\n' << std::flush;
}

void ProgressView::clear() {
  if (lines_ > 1) out_ << "\x1b[" << lines_ - 1 << 'A';
  if (lines_ > 0) out_ << "\r\x1b[J" << std::flush;
  lines_ = 0;
}

}  // namespace svetune::app
