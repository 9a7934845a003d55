#include "app/timeline.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <ostream>

#include "db/atomic_file.hpp"

namespace svetune::app {
namespace {

constexpr std::uint64_t kColumns = 100;  // cycles a line of the text shows

// Cycles at which a micro-op is in a stage; one without a pipe is complete as it is dispatched.
struct Stages {
  std::uint64_t dispatched, issued, completed, committed;
};

Stages stages_of(const model::StageTimes& op) {
  // A result is ready in the cycle in which a consumer may start: the last cycle of execution is the one before.
  const std::uint64_t done = std::max(op.issued, op.completed == 0 ? 0 : op.completed - 1);
  return {op.dispatched, op.issued, std::min(done, op.committed), op.committed};
}

char letter(const Stages& s, std::uint64_t cycle) {
  if (cycle < s.dispatched || cycle > s.committed) return ' ';
  if (cycle == s.committed) return 'R';
  if (cycle == s.dispatched) return 'D';
  if (cycle == s.completed) return 'E';
  if (cycle < s.issued) return '=';
  return cycle < s.completed ? 'e' : '-';
}

std::string bar(const model::StageTimes& op, std::uint64_t from) {
  const Stages stages = stages_of(op);
  std::string line;
  for (std::uint64_t cycle = from; cycle <= stages.committed; ++cycle) {
    if (cycle - from == kColumns) return line + '>';
    line += letter(stages, cycle);
  }
  return line;
}

std::string heading(std::uint64_t from) {
  std::string line;
  for (std::uint64_t cycle = 0; cycle < kColumns; cycle += 10) {
    std::string mark = std::to_string(from + cycle);
    mark.resize(10, ' ');
    line += mark;
  }
  return line;
}

std::string label(const model::StageTimes& op, const InstructionName& name) {
  std::string text = name(op.index);
  if (op.prefix) text += "  (with " + name(*op.prefix) + ")";
  return text;
}

Json event(const char* phase, std::int64_t process, std::int64_t thread, const std::string& name) {
  return {{"ph", phase}, {"pid", process}, {"tid", thread}, {"name", name}};
}

Json span(std::int64_t process, std::int64_t thread, const std::string& name, std::uint64_t from, std::uint64_t to) {
  Json json = event("X", process, thread, name);
  json["ts"] = from;
  json["dur"] = to - from;
  return json;
}

Json title(const char* what, std::int64_t process, std::int64_t thread, const std::string& name) {
  Json json = event("M", process, thread, what);
  json["args"] = {{"name", name}};
  return json;
}

}  // namespace

model::StageListener Timeline::listener() {
  if (instructions_ == 0) return {};
  return [this](const model::StageTimes& op) {
    if (op.sequence < instructions_) micro_ops_.push_back(op);
  };
}

void print_timeline(std::ostream& out, const Timeline& timeline, const InstructionName& name) {
  std::vector<std::vector<std::string>> rows{
      {"#", "pipe", "dispatch", "issue", "complete", "commit", "instruction", ""}};
  std::uint64_t from = 0;
  bool first = true;
  for (const model::StageTimes& op : timeline.micro_ops()) {
    const bool far = op.dispatched >= from + kColumns * 3 / 4;
    if (first || far) {
      from = op.dispatched / 10 * 10;
      (first ? rows.front().back() : rows.emplace_back(8).back()) = heading(from);
    }
    const bool again = !first && rows.back().front() == std::to_string(op.sequence);
    first = false;
    rows.push_back({std::to_string(op.sequence), op.pipe.empty() ? "-" : std::string(op.pipe),
                    std::to_string(op.dispatched), std::to_string(op.issued), std::to_string(op.completed),
                    std::to_string(op.committed), again ? "  micro-op " + std::to_string(op.micro_op) : label(op, name),
                    bar(op, from)});
  }
  out << "timeline: D dispatched, = waits for its operands or pipe, e executes, E complete, - waits to commit, "
         "R committed\n"
      << table_text(rows, {true, false, true, true, true, true, false, false});
}

Json timeline_json(const Timeline& timeline, const InstructionName& name) {
  Json json = Json::array();
  for (const model::StageTimes& op : timeline.micro_ops()) {
    json.push_back({{"number", op.sequence},
                    {"instruction", label(op, name)},
                    {"micro_op", op.micro_op},
                    {"pipe", op.pipe.empty() ? Json(nullptr) : Json(op.pipe)},
                    {"dispatched", op.dispatched},
                    {"issued", op.issued},
                    {"completed", op.completed},
                    {"committed", op.committed}});
  }
  return json;
}

Json perfetto_json(const Timeline& timeline, const InstructionName& name) {
  constexpr std::int64_t kPipes = 1, kWindow = 2;
  Json events =
      Json::array({title("process_name", kPipes, 0, "pipes"), title("process_name", kWindow, 0, "in flight")});
  std::map<std::string_view, std::int64_t> pipes;
  std::vector<std::uint64_t> lanes;  // when each is free: micro-ops of a track must not overlap
  for (const model::StageTimes& op : timeline.micro_ops()) {
    const std::string text = label(op, name);
    auto lane = std::find_if(lanes.begin(), lanes.end(), [&](std::uint64_t free) { return free <= op.dispatched; });
    if (lane == lanes.end()) lane = lanes.insert(lane, 0);
    *lane = op.committed;
    const std::int64_t thread = lane - lanes.begin() + 1;
    const std::uint64_t completed = std::min(op.completed, op.committed);
    Json whole = span(kWindow, thread, text, op.dispatched, op.committed);
    whole["args"] = {{"number", op.sequence}, {"micro_op", op.micro_op}, {"pipe", op.pipe}};
    events.push_back(std::move(whole));
    if (op.issued > op.dispatched) events.push_back(span(kWindow, thread, "waits", op.dispatched, op.issued));
    if (completed > op.issued) events.push_back(span(kWindow, thread, "executes", op.issued, completed));
    if (op.committed > completed) events.push_back(span(kWindow, thread, "waits to commit", completed, op.committed));
    if (op.pipe.empty()) continue;
    const auto [pipe, added] = pipes.emplace(op.pipe, static_cast<std::int64_t>(pipes.size()) + 1);
    if (added) events.push_back(title("thread_name", kPipes, pipe->second, std::string(op.pipe)));
    events.push_back(span(kPipes, pipe->second, text, op.issued, op.issued + 1));
  }
  return {{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}};
}

void add_timeline_options(Options& options) {
  options.add()("timeline", value("N")->implicit_value("64"), "show the stages of the first N instructions (64)")  //
      ("perfetto", value("FILE"), "write them as trace events for ui.perfetto.dev or chrome://tracing");
}

std::uint64_t timeline_length(const Options& options) {
  constexpr std::int64_t kMost = 1'000'000;
  const std::int64_t fallback = options.has("perfetto") ? 64 : 0;
  return static_cast<std::uint64_t>(options.integer("timeline", 1, kMost).value_or(fallback));
}

Arguments join_timeline_count(Arguments arguments) {
  for (std::size_t i = 0; i + 1 < arguments.size() && arguments[i] != "--"; ++i) {
    const std::string& next = arguments[i + 1];
    const bool number = !next.empty() && next.find_first_not_of("0123456789") == std::string::npos;
    if (arguments[i] != "--timeline" || !number) continue;
    arguments[i] += "=" + next;
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return arguments;
}

void write_perfetto(const Options& options, const Timeline& timeline, const InstructionName& name) {
  if (const auto file = options.text("perfetto"))
    db::write_atomically(*file, perfetto_json(timeline, name).dump(1) + "\n");
}

}  // namespace svetune::app
