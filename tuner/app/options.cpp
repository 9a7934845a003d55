#include "app/options.hpp"

#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <ostream>
#include <sstream>

namespace svetune::app {

namespace po = boost::program_options;

Options::Options(std::string command, std::string usage, std::string description)
    : command_(std::move(command)), usage_(std::move(usage)), description_(std::move(description)) {
  visible_.add_options()("help,h", "print this");
}

bool Options::parse(const Arguments& arguments, const Environment& environment) {
  using Style = po::command_line_style::style_t;
  // Without guessing: "--eval" must not silently mean "--evals" today and something else tomorrow.
  constexpr int kStyle = Style::unix_style & ~Style::allow_guessing;
  try {
    po::store(po::command_line_parser(arguments).options(visible_).positional(positional_).style(kStyle).run(),
              values_);
  } catch (const po::error& error) {
    throw InputError(std::string(error.what()) + "; svetune " + command_ + " --help lists the options");
  }
  if (!has("help")) return true;
  environment.out << "usage: svetune " << command_ << ' ' << usage_ << "\n\n" << description_ << "\n\n" << visible_;
  return false;
}

std::optional<std::string> Options::text(const char* name) const {
  if (!has(name)) return std::nullopt;
  return values_[name].as<std::string>();
}

std::vector<std::string> Options::texts(const char* name) const {
  return has(name) ? values_[name].as<std::vector<std::string>>() : std::vector<std::string>();
}

std::string Options::required(const char* name) const {
  auto given = text(name);
  if (!given || given->empty()) {
    throw InputError("svetune " + command_ + " needs --" + name + "; svetune " + command_ + " --help shows how");
  }
  return *given;
}

std::optional<std::int64_t> Options::integer(const char* name, std::int64_t least, std::int64_t most) const {
  const auto given = text(name);
  if (!given) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), number);
  if (error != std::errc{} || end != given->data() + given->size() || number < least || number > most) {
    throw InputError("--" + std::string(name) + " '" + *given + "' must be a whole number from " +
                     std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

po::typed_value<std::string>* value(const char* word) {
  return po::value<std::string>()->value_name(word);
}

po::typed_value<std::vector<std::string>>* values(const char* word) {
  return po::value<std::vector<std::string>>()->value_name(word);
}

void add_run_options(Options& options) {
  const std::string timer_help = "where times come from: " + timing::known_timers() +
                                 " (default: this processor where it has SVE, else model:a64fx)";
  options.add()("timer", value("NAME"), timer_help.c_str())                                               //
      ("seed", value("N"), "of the inputs and of a random search (default: 1)")                           //
      ("timeout", value("SECONDS"), "wall-clock limit of a verification or a timing (default: by size)")  //
      ("memory-limit", value("MIB"), "of a runner (default: 4096; 0: none)")                              //
      ("runner", value("FILE"), "svetune-runner (default: $SVETUNE_RUNNER, else beside this program)")    //
      ("emulator", value("FILE"), "qemu-aarch64 (default: from PATH)")                                    //
      ("launcher", value("WORDS"), "before the runner's command: \"numactl --membind=0\"")                //
      ("verbose", "log what happens to standard error");
}

std::filesystem::path default_runner(const Environment& environment) {
  if (!environment.runner_variable.empty()) return environment.runner_variable;
  return environment.program_folder / environment.runner_name;
}

namespace {

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

timing::Host host(const Options& options, const Environment& environment) {
  timing::Host host;
  if (const auto asked = options.text("runner")) {
    host.runner = *asked;
  } else {
    host.runner = default_runner(environment);
  }
  host.emulator = options.text("emulator").value_or("");
  host.launcher = split_words(options.text("launcher").value_or(""));
  host.search_path = environment.search_path;
  constexpr std::int64_t kMostMiB = 1 << 24;
  host.memory_limit_bytes = static_cast<std::size_t>(options.integer("memory-limit", 0, kMostMiB).value_or(4096))
                            << 20U;
  return host;
}

}  // namespace

RunChoice run_choice(const Options& options, const Environment& environment) {
  return run_choice(options, environment, options.text("timer").value_or(""));
}

RunChoice run_choice(const Options& options, const Environment& environment, const std::string& timer) {
  RunChoice choice;
  choice.log = std::make_shared<spdlog::logger>("svetune", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  choice.log->set_level(options.has("verbose") ? spdlog::level::debug : spdlog::level::warn);
  choice.host = host(options, environment);
  choice.timer = timing::choose_timer(timer.empty() ? timing::default_timer(choice.host) : timer);
  choice.seed = static_cast<std::uint64_t>(options.integer("seed", 0, INT64_MAX).value_or(1));
  if (const auto timeout = options.integer("timeout", 1, 1'000'000)) choice.timeout = std::chrono::seconds(*timeout);
  choice.facts = choice.timer.facts(choice.host);
  return choice;
}

std::vector<Problem> parse_problems(const std::string& list) {
  std::vector<Problem> problems;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    const Problem problem = parse_problem(std::string_view(list).substr(from, comma - from));
    if (std::find(problems.begin(), problems.end(), problem) != problems.end()) {
      throw InputError("the problem " + to_text(problem) + " is named twice; name it once");
    }
    problems.push_back(problem);
    from = comma + 1;
  }
  return problems;
}

std::chrono::seconds parse_duration(const std::string& text) {
  std::int64_t total = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  bool good = at != end;
  while (good && at != end) {
    std::int64_t number = 0;
    const auto [unit, error] = std::from_chars(at, end, number);
    const std::int64_t factor = unit == end ? 0 : *unit == 's' ? 1 : *unit == 'm' ? 60 : *unit == 'h' ? 3600 : 0;
    good = error == std::errc{} && factor != 0 && number >= 0 && number < 1'000'000;
    total += number * factor;
    at = good ? unit + 1 : at;
  }
  if (!good || total == 0) throw InputError("'" + text + "' is no duration; write 90s, 30m, 8h or 1h30m");
  return std::chrono::seconds(total);
}

}  // namespace svetune::app
