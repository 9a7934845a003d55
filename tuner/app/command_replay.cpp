// svetune replay: searchers on a space that a database holds whole.
#include <algorithm>
#include <ostream>

#include "app/command.hpp"
#include "app/options.hpp"
#include "app/present.hpp"
#include "app/recorded.hpp"
#include "search/replay.hpp"

namespace svetune::app {
namespace {

std::vector<const search::SearcherKind*> chosen_searchers(const std::string& list) {
  std::vector<const search::SearcherKind*> chosen;
  if (list == "all") {
    for (const search::SearcherKind& kind : search::searchers()) {
      if (kind.name != "exhaustive") chosen.push_back(&kind);
    }
    return chosen;
  }
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    const std::string name = list.substr(from, comma - from);
    chosen.push_back(name == "default" ? &search::default_searcher(SIZE_MAX, 1, false) : &search::find_searcher(name));
    from = comma + 1;
  }
  return chosen;
}

struct Judged {
  std::string problem, origin;
  std::size_t candidates = 0;
  std::string_view searcher;
  search::ReplayResult result;
};

// Of each searcher over the problems, in the order of the first problem.
std::vector<std::pair<std::string, double>> mean_scores(const std::vector<Judged>& all) {
  std::vector<std::pair<std::string, double>> means;
  double problems = 0;
  for (const Judged& judged : all) {
    const auto place = std::ranges::find(means, judged.searcher, [](const auto& mean) { return mean.first; });
    if (place == means.end()) {
      means.emplace_back(judged.searcher, judged.result.score);
    } else {
      place->second += judged.result.score;
    }
  }
  if (!means.empty()) problems = static_cast<double>(all.size()) / static_cast<double>(means.size());
  for (auto& [searcher, mean] : means) mean /= problems;
  return means;
}

Json to_json(const std::vector<Judged>& all, std::size_t repeats) {
  Json json{{"repeats", repeats}, {"evaluations", search::kCheckpoints}};
  for (const auto& [searcher, mean] : mean_scores(all)) json["mean_score"][searcher] = mean;
  for (const Judged& judged : all) {
    json["results"].push_back({{"problem", judged.problem},
                               {"origin", judged.origin},
                               {"candidates", judged.candidates},
                               {"search", judged.searcher},
                               {"median", judged.result.median},
                               {"tenth_percentile", judged.result.tenth_percentile},
                               {"score", judged.result.score},
                               {"seconds_per_evaluation", judged.result.seconds_per_evaluation}});
  }
  return json;
}

void print_text(std::ostream& out, const std::vector<Judged>& all) {
  std::vector<std::vector<std::string>> rows{{"problem", "candidates", "search"}};
  for (const std::size_t evaluations : search::kCheckpoints) rows.front().push_back(std::to_string(evaluations));
  rows.front().insert(rows.front().end(), {"P", "ms/eval"});
  for (const Judged& judged : all) {
    std::vector<std::string> row{judged.problem, std::to_string(judged.candidates), std::string(judged.searcher)};
    for (std::size_t i = 0; i < judged.result.median.size(); ++i) {
      row.push_back(fixed_text(judged.result.median[i], 3) + "/" + fixed_text(judged.result.tenth_percentile[i], 3));
    }
    row.push_back(fixed_text(judged.result.score, 3));
    row.push_back(fixed_text(1e3 * judged.result.seconds_per_evaluation, 3));
    rows.push_back(std::move(row));
  }
  for (const auto& [searcher, mean] : mean_scores(all)) {
    std::vector<std::string> row(rows.front().size());
    row[0] = "mean";
    row[2] = searcher;
    row[rows.front().size() - 2] = fixed_text(mean, 3);
    rows.push_back(std::move(row));
  }
  std::vector<std::string> origins;
  for (const Judged& judged : all) {
    if (!judged.origin.empty() && std::ranges::find(origins, judged.origin) == origins.end())
      origins.push_back(judged.origin);
  }
  for (const std::string& origin : origins) out << "times of " << origin << "\n";
  out << "fraction of the optimum (median/10th percentile) after that many evaluations; P: 0 is random search, 1 the "
         "optimum\n"
      << table_text(rows, {false, true, false, true, true, true, true, true, true, true});
}

}  // namespace

int run_replay(const Arguments& arguments, const Environment& environment) {
  Options options(
      "replay", "--db FILE [--problem LIST] [options]",
      "Runs searchers on recorded spaces in the place of the machine, and says how soon they find how much\n"
      "of the optimum. FILE is a database, or a recording (.csv, .csv.gz) of scripts/record-spaces.");
  options.add()("db", value("FILE"), "database or recording")                                            //
      ("problem", value("LIST"), "problems separated by commas (default: all that are recorded whole)")  //
      ("timer", value("NAME"), "times of this timer, where there are several")                           //
      ("search", value("LIST"), "searchers, default, or all (default: default)")                         //
      ("repeats", value("N"), "runs of each, with seeds from --seed on (default: 100)")                  //
      ("seed", value("N"), "the first seed (default: 1)")                                                //
      ("save", value("FILE"), "write the spaces as a recording (.csv or .csv.gz) and end")               //
      ("json", "print one JSON object");
  if (!options.parse(arguments, environment)) return 0;
  const auto repeats = static_cast<std::size_t>(options.integer("repeats", 1, 1'000'000).value_or(100));
  const auto seed = static_cast<std::uint64_t>(options.integer("seed", 0, INT64_MAX / 2).value_or(1));
  const auto searchers = chosen_searchers(options.text("search").value_or("default"));
  const auto wanted = options.has("problem") ? parse_problems(options.required("problem")) : std::vector<Problem>{};
  const auto problems = read_recorded(options.required("db"), options.text("timer"), wanted);
  if (const auto file = options.text("save")) {
    write_recording(*file, problems);
    return 0;
  }
  std::vector<Judged> all;
  for (const RecordedProblem& recorded : problems) {
    for (const search::SearcherKind* kind : searchers) {
      all.push_back({to_text(recorded.problem), recorded.origin, recorded.space.candidates.size(), kind->name,
                     search::replay(recorded.space, *kind, repeats, seed)});
    }
  }
  if (options.has("json")) {
    environment.out << to_json(all, repeats).dump(2) << '\n';
  } else {
    print_text(environment.out, all);
  }
  return 0;
}

}  // namespace svetune::app
