// svetune profile: calls of a function of any aarch64 Linux program, replayed through a core model.
#include <algorithm>
#include <filesystem>
#include <ostream>
#include <sstream>

#include "app/command.hpp"
#include "app/timeline.hpp"
#include "db/atomic_file.hpp"
#include "measure/emulator.hpp"
#include "model/elf_image.hpp"
#include "model/machine.hpp"
#include "profile/profiler.hpp"

namespace svetune::app {
namespace {

using profile::HotInstruction;
using profile::Profile;

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  int depth = 0;  // commas inside of a C++ parameter list do not part
  std::string word;
  for (const char c : list + ",") {
    if (c == '(' || c == '<') ++depth;
    if (c == ')' || c == '>') --depth;
    if (c != ',' || depth > 0) {
      word += c;
      continue;
    }
    if (word.empty()) throw InputError("--symbol '" + list + "' has an empty name; write NAME[,NAME...]");
    out.push_back(std::move(word));
    word.clear();
  }
  return out;
}

// "3" or "3-10"
void parse_calls(const std::string& text, profile::ProfileRequest& request) {
  const std::size_t dash = text.find('-');
  const auto number = [&](const std::string& part) {
    const bool good = !part.empty() && part.size() < 19 && part.find_first_not_of("0123456789") == std::string::npos;
    return good ? std::stoull(part) : 0ULL;
  };
  request.first_call = number(text.substr(0, dash));
  request.last_call = dash == std::string::npos ? request.first_call : number(text.substr(dash + 1));
  if (request.first_call == 0 || request.last_call < request.first_call)
    throw InputError("--calls '" + text + "' must be FIRST-LAST, counted from 1, as 2-10");
}

// Where the loader of a dynamic program is not in its place, the cross C library's.
std::string choose_sysroot(const Options& options, const std::string& program) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const auto image = model::ElfImage::read(program);
  std::string asked = options.text("sysroot").value_or("");
  const std::string& loader = image->interpreter();
  if (loader.empty() || fs::exists(asked + loader, ignored)) return asked;
  const std::string cross = "/usr/aarch64-linux-gnu";
  if (asked.empty() && fs::exists(cross + loader, ignored)) return cross;
  throw InputError("the loader " + loader + " of " + program + " is not in " +
                   (asked.empty() ? "/ or " + cross : asked) +
                   "; name the folder that has it with --sysroot DIR, or install libc6-arm64-cross");
}

Json code_json(const HotInstruction& i) {
  return {
      {"place", i.place}, {"text", i.text}, {"executions", i.cost.executions}, {"stall_cycles", i.cost.stall_cycles}};
}

std::vector<HotInstruction> hottest(const Profile& profile, std::size_t count) {
  std::vector<HotInstruction> code = profile.code;
  std::stable_sort(code.begin(), code.end(), [](const auto& a, const auto& b) {
    return std::pair(a.cost.stall_cycles, a.cost.executions) > std::pair(b.cost.stall_cycles, b.cost.executions);
  });
  code.resize(std::min(code.size(), count));
  return code;
}

std::string end_text(const Profile& profile) {
  if (profile.ended_by_us) return "ended behind the last call asked for (--calls)";
  if (profile.by_signal) return "ended by signal " + std::to_string(profile.code_or_signal);
  return "exit code " + std::to_string(profile.code_or_signal);
}

struct Shown {
  const std::vector<std::string>& symbols;
  const model::MachineDescription& machine;
  std::size_t hottest;
  bool annotate;
};

Json profile_json(const Profile& profile, const Shown& shown) {
  Json json{{"machine", shown.machine.name}, {"vector_bits", shown.machine.vector_bits}};
  json["program"] = {{"ended_by_signal", profile.by_signal},
                     {profile.by_signal ? "signal" : "exit_code", profile.code_or_signal},
                     {"ended_by_calls_limit", profile.ended_by_us}};
  json["calls_counted"] = profile.calls;
  json["last_call_complete"] = profile.complete;
  json["total"] = report_json(profile.total);
  json["symbols"] = Json::array();
  for (std::size_t s = 0; s < profile.symbols.size(); ++s) {
    const profile::SymbolTotal& total = profile.symbols[s];
    Json entry{{"symbol", shown.symbols[s]},
               {"calls", total.calls},
               {"least_cycles", total.least_cycles},
               {"most_cycles", total.most_cycles}};
    entry.update(report_json(total.sum));
    json["symbols"].push_back(std::move(entry));
  }
  json["calls"] = Json::array();
  for (const profile::CallReport& call : profile.listed) {
    Json entry{{"call", call.number}, {"symbol", shown.symbols[call.symbol]}};
    entry.update(report_json(call.report));
    json["calls"].push_back(std::move(entry));
  }
  json["hottest"] = Json::array();
  for (const HotInstruction& i : hottest(profile, shown.hottest)) json["hottest"].push_back(code_json(i));
  json["code"] = Json::array();
  for (const HotInstruction& i : profile.code) json["code"].push_back(code_json(i));
  return json;
}

void print_calls(std::ostream& out, const Profile& profile, const Shown& shown) {
  constexpr std::size_t kLines = 20;
  std::vector<std::vector<std::string>> rows{
      {"call", "symbol", "instructions", "cycles", "IPC", "L1 miss", "L2 miss", "flushes", "most lost to"}};
  const auto row = [&](const std::string& call, const std::string& symbol, const model::Report& r) {
    const auto worst = std::max_element(r.lost_dispatch.begin(), r.lost_dispatch.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
    rows.push_back({call, symbol, std::to_string(r.instructions), std::to_string(r.cycles), fixed_text(r.ipc(), 2),
                    std::to_string(r.l1_misses), std::to_string(r.l2_misses), std::to_string(r.flushes),
                    worst == r.lost_dispatch.end() ? "-" : worst->first + " " + std::to_string(worst->second)});
  };
  for (std::size_t i = 0; i < std::min(kLines, profile.listed.size()); ++i) {
    const profile::CallReport& call = profile.listed[i];
    row(std::to_string(call.number), shown.symbols[call.symbol], call.report);
  }
  for (std::size_t s = 0; s < profile.symbols.size(); ++s) {
    const profile::SymbolTotal& total = profile.symbols[s];
    if (total.calls > 0) row(std::to_string(total.calls) + " calls", shown.symbols[s], total.sum);
  }
  if (profile.symbols.size() > 1) row(std::to_string(profile.calls) + " calls", "(total)", profile.total);
  out << table_text(rows, {true, false, true, true, true, true, true, true, false});
  if (profile.calls > kLines) out << "(the first " << kLines << " calls; --json lists up to 1000)\n";
}

void print_code(std::ostream& out, const std::vector<HotInstruction>& code, const Profile& profile) {
  std::vector<std::vector<std::string>> rows{{"stall", "%", "executions", "place", "instruction"}};
  const auto cycles = static_cast<double>(std::max<std::uint64_t>(profile.total.cycles, 1));
  for (const HotInstruction& i : code) {
    rows.push_back({std::to_string(i.cost.stall_cycles),
                    fixed_text(100.0 * static_cast<double>(i.cost.stall_cycles) / cycles, 1),
                    std::to_string(i.cost.executions), i.place, i.text});
  }
  out << table_text(rows, {true, true, true, false, false});
}

void print_profile(std::ostream& out, const Profile& profile, const Shown& shown) {
  out << "machine  " << shown.machine.name << ", " << shown.machine.vector_bits << "-bit vectors\n"
      << "program  " << end_text(profile) << (profile.complete ? "" : "; its last call did not return") << '\n';
  print_calls(out, profile, shown);
  print_cycle_tables(out, profile.total, 1.0, 0, "of all calls");
  out << "hottest instructions (stall: cycles in which it was the oldest and not complete)\n";
  print_code(out, hottest(profile, shown.hottest), profile);
  if (shown.annotate) {
    out << "all executed instructions\n";
    print_code(out, profile.code, profile);
  }
}

// Options, and what follows "--".
Arguments take_program(Arguments& arguments) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  Arguments program;
  if (dashes != arguments.end()) program.assign(dashes + 1, arguments.end());
  arguments.erase(dashes, arguments.end());
  return program;
}

std::string find_program(const std::string& name, const std::string& search_path) {
  std::error_code ignored;
  if (name.find('/') != std::string::npos || std::filesystem::exists(name, ignored)) return name;
  std::istringstream folders(search_path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::filesystem::path file = std::filesystem::path(folder) / name;
    if (std::filesystem::is_regular_file(file, ignored)) return file.string();
  }
  return name;
}

void add_profile_options(Options& options) {
  options.add()("machine", value("NAME"), "a64fx (default), neoverse-v1, neoverse-v2, or a machine file")  //
      ("symbol", value("NAME[,NAME...]"), "functions of the program or its libraries, or 0xADDRESS+SIZE")  //
      ("calls", value("FIRST-LAST"),
       "only these calls, from 1; call FIRST-1 warms up, the program ends behind LAST")  //
      ("hottest", value("N"), "instructions shown (default: 20)")                        //
      ("annotate", "show all executed instructions with their stall cycles")             //
      ("json",
       "print one JSON object; the program's standard output then joins its standard error, unless -o is given")  //
      ("output,o", value("FILE"), "write the report there instead of to standard output")                         //
      ("sysroot", value("DIR"),
       "where a dynamic program finds its loader and libraries (default: /, else /usr/aarch64-linux-gnu)")  //
      ("env", boost::program_options::value<std::vector<std::string>>()->composing()->value_name("NAME=VALUE"),
       "a variable of the program's environment; may be given again")  //
      ("emulator", value("FILE"), "qemu-aarch64 (default: from PATH)");
  add_timeline_options(options);
}

}  // namespace

int run_profile(const Arguments& arguments, const Environment& environment) {
  Options options("profile", "--symbol NAME[,NAME...] [options] -- PROGRAM [ARGUMENT...]",
                  "Runs an aarch64 Linux program (static or dynamic) under the emulator and replays each call of a\n"
                  "function, with all that it calls, through a core model. The program's streams are its own; what it\n"
                  "prints appears at its end, before the report. The exit code is the program's (128 + signal).");
  add_profile_options(options);
  Arguments own = arguments;
  profile::ProfileRequest request;
  request.program = take_program(own);
  if (!options.parse(join_timeline_count(own), environment)) return 0;
  request.symbols = split(options.required("symbol"));
  if (request.program.empty())
    throw InputError("svetune profile needs a program behind --, as in: svetune profile --symbol NAME -- ./program");
  request.program.front() = find_program(request.program.front(), environment.search_path);
  request.machine = model::load_machine(options.text("machine").value_or("a64fx"));
  if (const auto calls = options.text("calls")) parse_calls(*calls, request);
  const auto lines = static_cast<std::size_t>(options.integer("hottest", 0, 1'000'000).value_or(20));
  request.environment = options.texts("env");
  for (const std::string& variable : request.environment) {
    if (variable.find('=') == std::string::npos || variable.find(',') != std::string::npos)
      throw InputError("--env '" + variable + "' must be NAME=VALUE, without commas");
  }
  request.emulator = measure::find_emulator(options.text("emulator").value_or(""), environment.search_path).string();
  request.sysroot = choose_sysroot(options, request.program.front());
  const auto file = options.text("output");
  request.output_to_error = options.has("json") && !file;
  request.note = [&](const std::string& text) { environment.err << "svetune: " << text << '\n' << std::flush; };

  const std::vector<std::string> symbols = request.symbols;
  const auto machine = request.machine;
  environment.out.flush();
  profile::Profiler profiler(std::move(request));
  Timeline timeline(timeline_length(options));
  const Profile profile = profiler.run([&] { timeline.clear(); }, timeline.listener());
  const InstructionName name = [&](std::uint32_t index) { return profiler.name_of(index); };
  const Shown shown{symbols, *machine, lines, options.has("annotate")};
  std::ostringstream text;
  if (options.has("json")) {
    Json json = profile_json(profile, shown);
    if (!timeline.empty()) json["timeline"] = timeline_json(timeline, name);
    text << json.dump(2) << '\n';
  } else {
    print_profile(text, profile, shown);
    if (options.has("timeline")) print_timeline(text, timeline, name);
  }
  write_perfetto(options, timeline, name);
  if (file)
    db::write_atomically(*file, text.str());
  else
    environment.out << text.str();
  return profile.by_signal ? 128 + profile.code_or_signal : profile.code_or_signal;
}

}  // namespace svetune::app
