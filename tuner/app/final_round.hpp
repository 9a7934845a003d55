// The end of a problem's search by a timer whose times vary: its best candidates once more, in turns, so that whatever
// changes on the machine changes for all of them.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "app/evaluator.hpp"
#include "app/staleness.hpp"

namespace svetune::app {

struct Standing {
  double cycles = 0;                                // the leader's median; times the median ratio where there is no tie
  double ratio = 1, ratio_low = 1, ratio_high = 1;  // of the same turns' times to the leader's, 95 % interval
  bool leads = false, ties = false;                 // a tie: the interval does not lie above 1
};

// `turns[c][t]`: time of candidate c in turn t; at least one candidate, every one with as many turns. The leader has
// the smallest median, the first of equals. Candidates that tie with it get its cycles, so that the order among them is
// the fixed one of Store::best: by the configuration's text.
std::vector<Standing> standings(std::span<const std::vector<double>> turns);

// Times the best candidates of a problem in turns and replaces what the database holds of them, with all samples; the
// standing is told by the row's detail. Nothing to do where there is one candidate, or where none was evaluated since
// (`renewed`) and the best one is of a final round. False where `stop` said so before its end: nothing is replaced
// then. Stale ones take no part.
bool final_round(db::Store& store, const db::Session& session, const Staleness& staleness, Evaluator& evaluator,
                 const Problem& problem, bool renewed, const std::function<bool()>& stop);

}  // namespace svetune::app
