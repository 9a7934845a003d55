#include "app/recorded.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <memory>
#include <unordered_map>

#include "app/kernel_tuner_cache.hpp"
#include "db/series.hpp"
#include "db/store.hpp"

namespace svetune::app {
namespace {

constexpr std::string_view kHeading = "problem,configuration,cycles";
constexpr std::string_view kOrigin = "# ";  // begins a line that says where a problem's times came from
constexpr double kWhole = 0.999;  // of the space: a candidate or two may be missing after a change of the constraints

struct CloseGz {
  void operator()(gzFile file) const { gzclose(file); }
};

// Lines of a file, compressed or not.
std::vector<std::string> read_lines(const std::filesystem::path& file) {
  const std::unique_ptr<gzFile_s, CloseGz> in(gzopen(file.c_str(), "rb"));
  if (!in) throw InputError("cannot read the recording " + file.string() + "; scripts/record-spaces makes one");
  const InputError damaged("the recording " + file.string() + " is damaged; scripts/record-spaces makes it anew");
  std::string text;
  std::array<char, 65536> buffer{};
  for (int got = 0; (got = gzread(in.get(), buffer.data(), buffer.size())) != 0;) {
    if (got < 0) throw damaged;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  int state = Z_OK;
  gzerror(in.get(), &state);
  if (state != Z_OK) throw damaged;  // it ends too early
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

std::vector<RecordedProblem> read_recording(const std::filesystem::path& file) {
  const auto lines = read_lines(file);
  std::map<std::string, std::string> origins;
  std::size_t heading = 0;
  for (; heading < lines.size() && lines[heading].starts_with(kOrigin); ++heading) {
    const std::string line = lines[heading].substr(kOrigin.size());
    if (const auto space = line.find(' '); space != std::string::npos)
      origins[line.substr(0, space)] = line.substr(space + 1);
  }
  if (heading == lines.size() || lines[heading] != kHeading) {
    throw InputError("the recording " + file.string() + " must begin with the line " + std::string(kHeading) +
                     ", but for lines that begin with #");
  }
  std::vector<RecordedProblem> all;
  for (std::size_t i = heading + 1; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    const std::size_t first = line.find(','), last = line.rfind(',');
    double cycles = search::kFailed;
    const char* const end = line.data() + line.size();
    if (first == last || (last + 1 < line.size() && std::from_chars(line.data() + last + 1, end, cycles).ptr != end)) {
      throw InputError(file.string() + ":" + std::to_string(i + 1) + ": not of the form " + std::string(kHeading));
    }
    const Problem problem = parse_problem(std::string_view(line).substr(0, first));
    if (all.empty() || !(all.back().problem == problem)) all.push_back({problem, origins[to_text(problem)], {}});
    all.back().space.candidates.push_back(
        parse_configuration(std::string_view(line).substr(first + 1, last - first - 1)));
    all.back().space.costs.push_back(cycles);
  }
  return all;
}

RecordedProblem read_cache(const std::filesystem::path& file) {
  const KernelTunerCache cache = read_kernel_tuner(file);
  RecordedProblem recorded{cache.problem, cache.device, {}};
  for (const db::Evaluation& row : cache.rows) {
    recorded.space.candidates.push_back(row.config);
    recorded.space.costs.push_back(row.cycles.value_or(search::kFailed));
  }
  return recorded;
}

struct Recorded {
  RecordedProblem problem;
  unsigned vector_bits = 0;
  std::string newest;  // date

  bool whole() const {
    const auto size = static_cast<double>(enumerate({problem.problem, vector_bits}).size());
    return static_cast<double>(problem.space.candidates.size()) >= kWhole * size;
  }
};

std::vector<RecordedProblem> read_database(const std::filesystem::path& file, const std::optional<std::string>& timer) {
  const db::Store store(file, db::Store::Mode::read_only);
  // Times of one build and one version of the timer: another one's are of another space.
  std::map<std::string, std::map<std::string, Recorded>> all;
  std::string seen_timer;
  const auto machines = store.machines();
  store.each([&](const db::Evaluation& row) {
    const Strategy* strategy = find_strategy(row.config.strategy);
    if ((timer && row.timer != *timer) || strategy == nullptr || !strategy->may_win) return;
    if (!seen_timer.empty() && seen_timer != row.timer) {
      throw InputError("database " + file.string() + " holds times of several timers (" + seen_timer + ", " +
                       row.timer + "), which are never compared; choose one with --timer");
    }
    seen_timer = row.timer;
    const db::Machine& machine = machines.at(row.machine_id);
    const std::string origin = row.timer + " " + row.timer_version + ", " + db::to_text(machine);
    Recorded& recorded = all[to_text(row.problem)][origin + machine.flags];
    recorded.problem.problem = row.problem;
    recorded.vector_bits = machine.vector_bits;
    if (row.when >= recorded.newest) {  // a candidate whose code has not changed may be of an older revision
      recorded.newest = row.when;
      recorded.problem.origin = origin + ", revision " + row.source_revision;
    }
    recorded.problem.space.candidates.push_back(row.config);
    recorded.problem.space.costs.push_back(row.status == db::Status::ok && row.cycles ? *row.cycles : search::kFailed);
  });
  std::vector<RecordedProblem> chosen;
  for (auto& [text, origins] : all) {
    Recorded* newest = nullptr;
    for (auto& [origin, recorded] : origins) {
      if (recorded.whole() && (newest == nullptr || recorded.newest > newest->newest)) newest = &recorded;
    }
    if (newest != nullptr) chosen.push_back(std::move(newest->problem));
  }
  return chosen;
}

}  // namespace

void write_recording(const std::filesystem::path& file, const std::vector<RecordedProblem>& problems) {
  std::string text = std::string(kOrigin) +
                     "Every candidate of some problems: cycles of one call, empty where it failed (docs/tuning.md).\n";
  for (const RecordedProblem& recorded : problems) {
    if (!recorded.origin.empty())
      text += std::string(kOrigin) + to_text(recorded.problem) + " " + recorded.origin + "\n";
  }
  text += std::string(kHeading) + "\n";
  for (const RecordedProblem& recorded : problems) {
    const std::string problem = to_text(recorded.problem);
    for (std::size_t i = 0; i < recorded.space.candidates.size(); ++i) {
      const double cost = recorded.space.costs[i];
      std::array<char, 32> number{};
      char* const end = cost < search::kFailed ? std::to_chars(number.data(), number.data() + number.size(), cost).ptr
                                               : number.data();
      text += problem + "," + to_text(recorded.space.candidates[i]) + "," + std::string(number.data(), end) + "\n";
    }
  }
  const std::unique_ptr<gzFile_s, CloseGz> out(gzopen(file.c_str(), file.extension() == ".gz" ? "wb9" : "wbT"));
  if (!out || gzwrite(out.get(), text.data(), static_cast<unsigned>(text.size())) != static_cast<int>(text.size()) ||
      gzflush(out.get(), Z_FINISH) != Z_OK) {
    throw InputError("cannot write " + file.string() + "; check that its folder exists and the disk has space");
  }
}

std::vector<RecordedProblem> read_recorded(const std::filesystem::path& file, const std::optional<std::string>& timer,
                                           const std::vector<Problem>& wanted) {
  const std::string name = file.string();
  auto all = name.ends_with(".csv") || name.ends_with(".csv.gz") ? read_recording(file)
             : name.ends_with(".json")                           ? std::vector{read_cache(file)}
                                                                 : read_database(file, timer);
  if (wanted.empty() && all.empty()) {
    throw InputError(name + " holds no space that was evaluated whole; svetune sweep without --evals evaluates all");
  }
  std::erase_if(all, [&](const RecordedProblem& recorded) {
    return !wanted.empty() && std::ranges::find(wanted, recorded.problem) == wanted.end();
  });
  const auto missing = std::ranges::find_if(wanted, [&](const Problem& problem) {
    return std::ranges::find(all, problem, &RecordedProblem::problem) == all.end();
  });
  if (missing != wanted.end()) {
    throw InputError(name + " does not hold the whole space of " + to_text(*missing) + "; svetune sweep --problem " +
                     to_text(*missing) + " --db " + name + " completes it");
  }
  return all;
}

}  // namespace svetune::app
