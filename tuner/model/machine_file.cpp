// Reads a machine file: TOML, every table checked, an unknown key is an error.
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

#include "model/error.hpp"
#include "model/flow_text.hpp"
#include "model/machine.hpp"
#include "model/toml_text.hpp"

namespace svetune::model {
namespace {

// A table of the file that knows where it stands and which of its keys were read.
class Section {
 public:
  Section(const toml::table& table, std::string file) : table_(table), file_(std::move(file)) {}

  unsigned count(std::string_view key, std::int64_t fallback = -1) {
    return static_cast<unsigned>(value<std::int64_t>(key, fallback, fallback >= 0, "a whole number, 0 or more"));
  }
  double real(std::string_view key) { return value<double>(key, 0.0, false, "a number"); }
  bool flag(std::string_view key) { return value<bool>(key, false, true, "true or false"); }
  std::string text(std::string_view key, const char* fallback = nullptr) {
    return value<std::string>(key, fallback == nullptr ? "" : fallback, fallback != nullptr, "a string");
  }
  std::vector<std::string> texts(std::string_view key) {
    seen_.emplace_back(key);
    std::vector<std::string> out;
    const toml::array* list = table_[key].as_array();
    if (list == nullptr) {
      fail("'" + std::string(key) + "' must be a list of strings");
    }
    for (const toml::node& node : *list) {
      const auto item = node.value<std::string>();
      if (!item) fail("'" + std::string(key) + "' must be a list of strings");
      out.push_back(*item);
    }
    return out;
  }
  std::vector<std::uint16_t> numbers(std::string_view key) {
    seen_.emplace_back(key);
    std::vector<std::uint16_t> out;
    if (const toml::array* list = table_[key].as_array()) {
      for (const toml::node& node : *list) out.push_back(static_cast<std::uint16_t>(node.value_or<std::int64_t>(0)));
    }
    return out;
  }
  Section section(std::string_view key) {
    seen_.emplace_back(key);
    const toml::table* inner = table_[key].as_table();
    if (inner == nullptr) fail("needs a table [" + std::string(key) + "]");
    return {*inner, file_};
  }
  std::vector<Section> sections(std::string_view key) {
    seen_.emplace_back(key);
    std::vector<Section> out;
    if (const toml::array* list = table_[key].as_array()) {
      for (const toml::node& node : *list) out.emplace_back(*node.as_table(), file_);
    }
    return out;
  }
  // Call last: what was not read is a spelling mistake.
  void finish() const {
    for (const auto& [key, node] : table_) {
      const std::string_view name = key.str();
      if (name != "source" && std::find(seen_.begin(), seen_.end(), name) == seen_.end())
        fail("unknown key '" + std::string(name) + "'");
    }
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw ModelError(file_ + ":" + std::to_string(table_.source().begin.line) + ": " + what);
  }

 private:
  template <typename T>
  T value(std::string_view key, T fallback, bool optional, const char* expected) {
    seen_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr && optional) return fallback;
    const auto got = node == nullptr ? std::optional<T>() : node->value<T>();
    if (!got) fail("'" + std::string(key) + "' must be given, " + expected);
    if constexpr (std::is_same_v<T, std::int64_t>) {
      if (*got < 0) fail("'" + std::string(key) + "' must be " + expected);
    }
    return *got;
  }

  const toml::table& table_;
  std::string file_;
  std::vector<std::string> seen_;
};

void read_front_end(Section s, FrontEndFacts& f) {
  f.fetch_bytes = s.count("fetch_bytes");
  f.buffer = s.count("buffer");
  f.taken_bubbles = s.count("taken_bubbles");
  f.target_buffer = s.count("target_buffer");
  f.loop_buffer = s.count("loop_buffer");
  f.depth = s.count("depth");
  f.decode = s.count("decode");
  f.history_bits = s.count("history_bits");
  f.table_bits = s.count("table_bits");
  f.return_stack = s.count("return_stack");
  f.flush_at_commit = s.flag("flush_at_commit");
  s.finish();
}

void read_window(Section s, WindowFacts& w) {
  w.dispatch = s.count("dispatch");
  w.groups = s.count("groups");
  w.group = s.count("group");
  w.commit_groups = s.count("commit_groups");
  w.integer_registers = s.count("integer_registers");
  w.vector_registers = s.count("vector_registers");
  w.predicate_registers = s.count("predicate_registers");
  s.finish();
}

void read_cache(Section s, CacheFacts& c) {
  c.size = s.count("size");
  c.ways = s.count("ways");
  c.line = s.count("line");
  c.latency = s.count("latency");
  c.outstanding = s.count("outstanding");
  if (c.line == 0 || c.ways == 0 || c.size % (c.line * c.ways) != 0) s.fail("size must be a multiple of line * ways");
  const unsigned sets = c.size / (c.line * c.ways);
  if ((sets & (sets - 1)) != 0 || (c.line & (c.line - 1)) != 0) s.fail("line and sets must be powers of two");
  s.finish();
}

void read_memory(Section s, MemoryFacts& m) {
  m.load_queue = s.count("load_queue");
  m.store_queue = s.count("store_queue");
  m.write_buffer = s.count("write_buffer");
  m.write_bytes = s.count("write_bytes");
  m.write_blocks_loads = s.flag("write_blocks_loads");
  m.loads_per_cycle = s.count("loads_per_cycle");
  m.writes_per_cycle = s.count("writes_per_cycle");
  m.store_to_write = s.count("store_to_write");
  m.write_to_load = s.count("write_to_load");
  m.forward_latency = s.count("forward_latency");
  m.forwards_contained = s.flag("forwards_contained");
  m.fill_block = s.count("fill_block");
  m.victim_clean_block = s.count("victim_clean_block");
  m.victim_dirty_block = s.count("victim_dirty_block");
  read_cache(s.section("l1"), m.l1);
  read_cache(s.section("l2"), m.l2);
  m.l2_read_bytes = s.count("l2_read_bytes");
  m.l2_write_bytes = s.count("l2_write_bytes");
  m.memory_latency = s.count("memory_latency");
  m.memory_bytes_per_cycle = s.count("memory_bytes_per_cycle");
  m.stream_entries = s.count("stream_entries");
  m.stream_l1_lines = s.count("stream_l1_lines");
  m.stream_l2_lines = s.count("stream_l2_lines");
  s.finish();
}

template <typename T>
std::size_t index_of(const std::vector<T>& list, const std::string& name, const Section& s) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const T& item) { return item.name == name; });
  if (found == list.end()) s.fail("unknown name '" + name + "'");
  return static_cast<std::size_t>(found - list.begin());
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> out;
  for (std::string word; stream >> word;) out.push_back(word);
  return out;
}

void read_pipes(Section& root, MachineDescription& machine) {
  for (Section& s : root.sections("station")) {
    machine.stations.push_back({s.text("name"), s.count("entries"), s.count("write_ports"), s.count("issues")});
    s.finish();
  }
  std::vector<std::string> ports;
  for (Section& s : root.sections("pipe")) {
    Pipe pipe;
    pipe.name = s.text("name");
    const std::string port = s.text("port", pipe.name.c_str());
    if (std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
    pipe.port = static_cast<std::uint8_t>(std::find(ports.begin(), ports.end(), port) - ports.begin());
    pipe.result_steps = s.numbers("result_steps");
    s.finish();
    if (machine.pipes.size() == kMaxPipes) s.fail("too many pipes");
    machine.pipes.push_back(std::move(pipe));
  }
  for (Section& s : root.sections("pipe_group")) {
    PipeGroup group;
    group.name = s.text("name");
    const std::string placement = s.text("placement", "emptiest");
    group.placement = placement == "slot" ? Placement::slot : placement == "rsx" ? Placement::rsx : Placement::emptiest;
    for (const std::string& choice : s.texts("choices")) {  // "RSE0: FLA EXA"
      const std::size_t colon = choice.find(':');
      if (colon == std::string::npos) s.fail("a choice is \"STATION: PIPE ...\", not \"" + choice + "\"");
      PipeGroup::Choice c;
      c.station = static_cast<std::uint8_t>(index_of(machine.stations, choice.substr(0, colon), s));
      for (const std::string& pipe : words(choice.substr(colon + 1))) c.pipes |= 1U << index_of(machine.pipes, pipe, s);
      group.choices.push_back(c);
    }
    const std::size_t needed = group.placement == Placement::slot ? 2 : group.placement == Placement::rsx ? 4 : 0;
    if (group.choices.empty() || (needed != 0 && group.choices.size() != needed)) s.fail("wrong number of choices");
    s.finish();
    machine.groups.push_back(std::move(group));
  }
}

void read_bypass(Section& root, MachineDescription& machine) {
  for (Section& s : root.sections("bypass")) {
    const unsigned cycles = s.count("cycles");
    const std::vector<std::string> to = words(s.text("to"));
    for (const std::string& from : words(s.text("from"))) {
      const std::size_t source = from == "load"      ? kFromLoad
                                 : from == "compare" ? kFromCompare
                                                     : index_of(machine.pipes, from, s);
      for (const std::string& pipe : to)
        machine.bypass[source][index_of(machine.pipes, pipe, s)] = static_cast<std::uint8_t>(cycles);
    }
    s.finish();
  }
}

// "fmla|fmls z.s, *" -> a pattern for each mnemonic.
void read_patterns(const std::string& text, std::uint32_t index, MachineDescription& machine) {
  const std::size_t space = text.find(' ');
  const std::string operands = space == std::string::npos ? "" : text.substr(space + 1);
  std::istringstream mnemonics(text.substr(0, space));
  for (std::string mnemonic; std::getline(mnemonics, mnemonic, '|');)
    machine.patterns.push_back({mnemonic, operands, index});
}

void read_instructions(Section& root, MachineDescription& machine) {
  for (Section& s : root.sections("instruction")) {
    InstructionClass c;
    c.name = s.text("name", "");
    const std::vector<std::string> match = s.texts("match");
    try {
      c.flows = parse_flows(s.text("flows"), machine.groups);
    } catch (const ModelError& error) {
      s.fail(error.what());
    }
    c.prefix = s.flag("prefix");
    c.sequential = s.flag("sequential");
    c.serializes = s.flag("serializes");
    c.broadcast = s.flag("broadcast");
    c.scattered = s.flag("scattered");
    s.finish();
    for (const std::string& pattern : match)
      read_patterns(pattern, static_cast<std::uint32_t>(machine.classes.size()), machine);
    machine.classes.push_back(std::move(c));
  }
}

// FNV-1a.
std::string digest_of(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", hash);
  return digits.data();
}

}  // namespace

MachineDescription parse_machine(std::string_view text, const std::string& file) {
  toml::table table;
  try {
    refuse_unreadable(text, file);
    table = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    throw ModelError(file + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
  }
  MachineDescription machine;
  machine.file = file;
  machine.digest = digest_of(text);
  Section root(table, file);
  machine.name = root.text("name");
  machine.vector_bits = root.count("vector_bits");
  machine.clock_ghz = root.real("clock_ghz");
  machine.peak_flop_per_cycle = root.real("peak_flop_per_cycle");
  read_front_end(root.section("front_end"), machine.front_end);
  read_window(root.section("window"), machine.window);
  read_memory(root.section("memory"), machine.memory);
  read_pipes(root, machine);
  read_bypass(root, machine);
  machine.writeback = parse_flows(root.text("writeback"), machine.groups);
  read_instructions(root, machine);
  root.finish();
  return machine;
}

}  // namespace svetune::model
