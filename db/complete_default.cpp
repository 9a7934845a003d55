#include "db/complete_default.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

namespace svetune::db {
namespace {

struct Loss {
  double loss = 0, cycles = 0;
  std::int64_t evaluation = 0;
};

class Search {
 public:
  Search(Connection& connection, const Source& source, const std::vector<std::int64_t>& problems,
         const std::vector<double>& best)
      : connection_(connection), source_(source), problems_(problems), best_(best), order_(problems.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  // Where the hundredth of the fastest is furthest behind the first: there the least configurations are within a bound.
  std::size_t steepest() {
    std::size_t steepest = 0;
    double most = -1;
    for (std::size_t i = 0; i < problems_.size(); ++i) {
      Query query(connection_,
                  "SELECT cycles FROM evaluations WHERE problem = ? AND machine = ? AND timer = ? AND status = 'ok' "
                  "AND cycles IS NOT NULL ORDER BY cycles LIMIT 1 OFFSET 100",
                  problems_[i], source_.machine, source_.timer);
      const double ratio = query.step() ? query.real(0) / best_[i] : std::numeric_limits<double>::infinity();
      if (ratio > most) {
        most = ratio;
        steepest = i;
      }
    }
    return steepest;
  }

  // The losses of a configuration at every problem, in their order; nothing where one is missing or above the bound.
  bool losses(std::int64_t configuration, double bound, std::vector<Loss>& all) {
    all.resize(problems_.size());
    for (std::size_t place = 0; place < order_.size(); ++place) {
      const std::size_t i = order_[place];
      Query query(connection_,
                  "SELECT CASE status WHEN 'ok' THEN cycles END, id FROM evaluations WHERE problem = ? AND machine = ? "
                  "AND timer = ? AND configuration = ?",
                  problems_[i], source_.machine, source_.timer, configuration);
      const bool timed = query.step() && !query.null(0);
      if (timed) all[i] = {query.real(0) / best_[i] - 1, query.real(0), query.integer(1)};
      if (timed && all[i].loss <= bound) continue;
      // What refuses one refuses many: it is asked first from now on.
      std::rotate(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(place),
                  order_.begin() + static_cast<std::ptrdiff_t>(place) + 1);
      return false;
    }
    return true;
  }

 private:
  Connection& connection_;
  const Source& source_;
  const std::vector<std::int64_t>& problems_;
  const std::vector<double>& best_;
  std::vector<std::size_t> order_;
};

CompleteDefault summed(std::string text, const std::vector<Loss>& losses) {
  CompleteDefault result{std::move(text), 0, 0, 0, 0, 0};
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (i == 0 || losses[i].loss > result.worst_loss) {
      result.worst_loss = losses[i].loss;
      result.at = i;
      result.cycles = losses[i].cycles;
      result.evaluation = losses[i].evaluation;
    }
    result.sum += losses[i].loss;
  }
  return result;
}

}  // namespace

std::optional<CompleteDefault> complete_default(Connection& connection, const Source& source,
                                                const std::vector<std::int64_t>& problems,
                                                const std::vector<double>& best,
                                                const std::function<bool(std::string_view)>& wanted,
                                                const std::function<bool(const std::string&)>& valid) {
  if (problems.empty()) return std::nullopt;
  Search search(connection, source, problems, best);
  const std::size_t first = search.steepest();
  std::optional<CompleteDefault> found;
  std::vector<Loss> losses;
  Query rows(connection,
             "SELECT e.cycles, e.configuration, c.text, c.strategy FROM evaluations e "
             "JOIN configurations c ON c.id = e.configuration WHERE e.problem = ? AND e.machine = ? AND e.timer = ? "
             "AND e.status = 'ok' AND e.cycles IS NOT NULL ORDER BY e.cycles",
             problems[first], source.machine, source.timer);
  while (rows.step()) {
    const double bound = found ? found->worst_loss : std::numeric_limits<double>::infinity();
    if (rows.real(0) / best[first] - 1 > bound) break;  // its worst loss, and that of all behind it, is larger
    if (!wanted(rows.text(3)) || !search.losses(rows.integer(1), bound, losses)) continue;
    CompleteDefault next = summed(rows.text(2), losses);
    const auto rank = [](const CompleteDefault& x) { return std::tie(x.worst_loss, x.sum, x.text); };
    if (valid(next.text) && (!found || rank(next) < rank(*found))) found = std::move(next);
  }
  return found;
}

}  // namespace svetune::db
