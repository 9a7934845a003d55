#include "app/sweep_file.hpp"

#include <charconv>
#include <fstream>
#include <sstream>

#include "app/options.hpp"
#include "app/toml_table.hpp"
#include "model/toml_text.hpp"
#include "search/searcher.hpp"
#include "timing/timer.hpp"

namespace svetune::app {
namespace {

constexpr std::string_view kDefaultOperation = "exp2_gemm";
constexpr std::size_t kMostValues = 100'000;  // of a range: more is a slip

using Values = std::vector<std::int64_t>;

// {from = 64, to = 1024, step = 64} or {from = 64, to = 1024, factor = 2}
Values range_values(const TomlTable& parent, const toml::node& node) {
  const TomlTable range(*node.as_table(), parent.file(), " of a range", {"from", "to", "step", "factor"});
  constexpr std::string_view kExpected = "a whole number, 1 or more";
  const auto from = range.value<std::int64_t>("from", 0, kExpected), to = range.value<std::int64_t>("to", 0, kExpected);
  const auto factor = range.value<std::int64_t>("factor", 0, "a whole number, 2 or more");
  const auto step = range.value<std::int64_t>("step", factor != 0 ? 0 : 1, kExpected);
  if (from < 1 || to < from || (range.has("factor") ? factor < 2 || range.has("step") : step < 1)) {
    parent.fail(node, "a range is {from = A, to = B, step = C} or {from = A, to = B, factor = C}, 1 <= A <= B");
  }
  Values values;
  for (std::int64_t value = from; value <= to; value = factor != 0 ? value * factor : value + step) {
    values.push_back(value);
    if (values.size() > kMostValues) parent.fail(node, "the range has more than 100000 values; take a larger step");
    if (value > INT32_MAX) break;  // refused where the problem is made
  }
  return values;
}

Values values_of(const TomlTable& table, std::string_view key) {
  Values values;
  if (!table.has(key)) {
    table.fail_at(table.raw().source(), "a problem needs m, nc and d; '" + std::string(key) + "' is missing");
  }
  table.each(key, [&](const toml::node& node) {
    if (node.is_table()) {
      const Values range = range_values(table, node);
      values.insert(values.end(), range.begin(), range.end());
    } else if (const auto number = node.value<std::int64_t>()) {
      values.push_back(*number);
    } else {
      table.fail(node, "'" + std::string(key) + "' must be a whole number, a range, or a list of these");
    }
  });
  return values;
}

class Reader {
 public:
  Reader(const toml::table& table, const std::string& name)
      : root_(table, name, "",
              {"operations", "accuracy", "timers", "machines", "strategies", "search", "problems", "axes", "budget"}) {}

  SweepFile read() {
    file_.rules.strategies = root_.texts("strategies");
    if (const toml::node* node = root_.find("strategies"))
      root_.at(*node, [&] { check_strategies(file_.rules.strategies); });
    file_.searcher = root_.value<std::string>("search", "", "a searcher's name");
    if (!file_.searcher.empty()) root_.at(*root_.find("search"), [&] { search::find_searcher(file_.searcher); });
    read_timers();
    read_axes();
    read_budget();
    read_problems();
    return std::move(file_);
  }

 private:
  void read_timers() {
    const auto timers = root_.texts("timers"), machines = root_.texts("machines");
    if (timers.empty() && machines.empty()) return;
    const auto add = [&](const std::string& name) {
      const toml::node* node = root_.find(root_.has("timers") ? "timers" : "machines");
      root_.at(*node, [&] { timing::choose_timer(name); });
      file_.timers.push_back(name);
    };
    for (const std::string& timer : timers.empty() ? std::vector<std::string>{"model"} : timers) {
      const bool bare_model = timer == "model";
      if (bare_model && machines.empty())
        root_.fail(*root_.find("timers"), "the timer model needs machines = [\"a64fx\", ...]");
      if (!bare_model) add(timer);
      for (const std::string& machine : machines) {
        if (bare_model) add(std::string(timer).append(":").append(machine));
      }
    }
  }

  void read_axes() {
    const toml::node* node = root_.find("axes");
    if (node == nullptr) return;
    if (!node->is_table()) root_.fail(*node, "[axes] must be a table: exp2_unroll = [2, 4]");
    for (const auto& [key, values] : *node->as_table()) {
      const Axis& axis = root_.at(values, [&]() -> const Axis& { return find_axis(key.str()); });
      auto& kept = file_.rules.axes[std::string(key.str())];
      const auto add = [&](const toml::node& item) {
        if (item.is_table()) {
          for (const auto number : range_values(root_, item)) kept.push_back(static_cast<std::int32_t>(number));
          return;
        }
        const auto text = item.value<std::string>();
        const auto number = item.value<std::int64_t>();
        if (!text && !number) root_.fail(item, "a value of axis " + std::string(axis.name) + " is a name or a number");
        kept.push_back(root_.at(item, [&] { return parse_axis_value(axis, text ? *text : std::to_string(*number)); }));
      };
      if (const toml::array* list = values.as_array()) {
        for (const toml::node& item : *list) add(item);
      } else {
        add(values);
      }
      if (kept.empty())
        root_.fail(values, "axis " + std::string(axis.name) + " keeps no value; name one or leave it out");
    }
  }

  void read_budget() {
    const toml::node* node = root_.find("budget");
    if (node == nullptr) return;
    if (!node->is_table()) root_.fail(*node, "[budget] must be a table: time = \"8h\"");
    const TomlTable budget(*node->as_table(), root_.file(), " of [budget]", {"evals", "time", "until"});
    if (budget.has("evals")) {
      const auto evals = budget.value<std::int64_t>("evals", 0, "a whole number, 1 or more");
      if (evals < 1) root_.fail(*budget.find("evals"), "'evals' must be a whole number, 1 or more");
      file_.evaluations = static_cast<std::size_t>(evals);
    }
    if (budget.has("time")) {
      const auto text = budget.value<std::string>("time", "", "a duration: \"90s\", \"30m\", \"8h\"");
      file_.time = root_.at(*budget.find("time"), [&] { return parse_duration(text); });
    }
    file_.until = budget.value<std::string>("until", "", "a time of day: \"07:00\"");
    if (budget.has("until")) root_.at(*budget.find("until"), [&] { time_until(file_.until, {}); });
  }

  void read_problems() {
    const toml::node* node = root_.find("problems");
    if (node == nullptr || !node->is_array() || node->as_array()->empty()) {
      root_.fail_at(node == nullptr ? root_.raw().source() : node->source(),
                    "a sweep needs problems; write [[problems]] with m, nc and d");
    }
    auto operations = root_.texts("operations");
    if (operations.empty()) operations.emplace_back(kDefaultOperation);
    const std::string accuracy = root_.value<std::string>("accuracy", "", "full, high, medium or low");
    for (const toml::node& item : *node->as_array()) {
      if (!item.is_table()) root_.fail(item, "'problems' must be tables; write [[problems]] with m, nc and d");
      const TomlTable table(*item.as_table(), root_.file(), " of a problem",
                            {"m", "nc", "d", "ldv", "accuracy", "operation", "weight"});
      const auto own = table.texts("operation");
      for (const std::string& operation : own.empty() ? operations : own)
        add_problems(table, item, operation, accuracy);
    }
  }

  void add_problems(const TomlTable& table, const toml::node& node, const std::string& operation,
                    const std::string& accuracy) {
    std::string options = operation == kDefaultOperation ? "" : ":operation=" + operation;
    const auto ldv = table.value<std::int64_t>("ldv", 0, "a whole number, at least d");
    if (table.has("ldv")) options += ":ldv=" + std::to_string(ldv);
    const auto own = table.value<std::string>("accuracy", accuracy, "full, high, medium or low");
    if (!own.empty()) options += ":accuracy=" + own;
    const auto weight = table.value<double>("weight", 1.0, "a number above 0");
    if (!(weight > 0)) table.fail(*table.find("weight"), "'weight' must be a number above 0");
    for (const auto m : values_of(table, "m")) {
      for (const auto nc : values_of(table, "nc")) {
        for (const auto d : values_of(table, "d")) {
          const std::string shape = std::to_string(m) + "x" + std::to_string(nc) + "x" + std::to_string(d);
          const Problem problem = table.at(node, [&] { return parse_problem(shape + options); });
          for (const WeightedProblem& other : file_.problems) {
            if (other.problem == problem) table.fail(node, "the problem " + to_text(problem) + " is named twice");
          }
          file_.problems.push_back({problem, weight});
        }
      }
    }
  }

  TomlTable root_;
  SweepFile file_;
};

}  // namespace

SweepFile parse_sweep_file(std::string_view text, const std::string& name) {
  try {
    model::refuse_unreadable(text, name);
    const toml::table table = toml::parse(text, name);
    return Reader(table, name).read();
  } catch (const toml::parse_error& error) {
    throw InputError(name + ":" + std::to_string(error.source().begin.line) +
                     ": not TOML: " + std::string(error.description()) + "; see examples/sweeps");
  }
}

SweepFile read_sweep_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    throw InputError("cannot read the sweep file " + file.string() + "; name a file as those of examples/sweeps");
  }
  return parse_sweep_file(text.str(), file.string());
}

std::chrono::seconds time_until(std::string_view clock, std::chrono::seconds now) {
  int hours = -1, minutes = -1;
  const char* const end = clock.data() + clock.size();
  const auto [colon, first] = std::from_chars(clock.data(), clock.data() + clock.size(), hours);
  bool good = first == std::errc{} && colon != end && *colon == ':' && end - colon == 3;
  if (good) good = std::from_chars(colon + 1, end, minutes).ptr == end;
  if (!good || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
    throw InputError("'" + std::string(clock) + "' is no time of day; write 07:00");
  }
  constexpr std::chrono::seconds kDay = std::chrono::hours(24);
  const std::chrono::seconds left = std::chrono::hours(hours) + std::chrono::minutes(minutes) - now % kDay;
  return left.count() > 0 ? left : left + kDay;
}

}  // namespace svetune::app
