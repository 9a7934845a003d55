// svetune model: cycles of a loop given as assembly text, and where they go.
#include <fstream>
#include <iostream>
#include <iterator>
#include <ostream>

#include "app/command.hpp"
#include "app/timeline.hpp"
#include "model/assembly_regions.hpp"
#include "model/decoder.hpp"
#include "model/machine.hpp"
#include "model/steady_loop.hpp"

namespace svetune::app {
namespace {

std::string read_text(const std::string& file) {
  if (file == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in || in.bad())
    throw InputError("cannot read '" + file + "'; give a file of assembly text, or - for standard input");
  return text;
}

struct ModelledLoop {
  std::string name;
  std::vector<model::Instruction> body;
  model::SteadyLoop steady;
  Timeline timeline;
  InstructionName instruction_name() const {
    return [this](std::uint32_t index) { return body[index].text; };
  }
};

Json loop_json(const ModelledLoop& loop) {
  const model::SteadyLoop& steady = loop.steady;
  Json json{{"name", loop.name},
            {"iterations", steady.iterations},
            {"first_measured_iteration", steady.first + 1},
            {"measured_iterations", steady.measured},
            {"cycles_per_iteration", steady.per_iteration(steady.sum.cycles)},
            {"instructions_per_iteration", loop.body.size()},
            {"micro_ops_per_iteration", steady.per_iteration(steady.sum.micro_ops)}};
  json.update(report_json(steady.sum));
  json["lost_dispatch_per_iteration"] = Json::object();
  for (const auto& [cause, lost] : steady.sum.lost_dispatch)
    json["lost_dispatch_per_iteration"][cause] = steady.per_iteration(lost);
  json["code"] = Json::array();
  for (std::size_t i = 0; i < loop.body.size(); ++i) {
    const double stalls = static_cast<double>(steady.sum.by_instruction[i].stall_cycles);
    json["code"].push_back(
        {{"text", loop.body[i].text}, {"stall_cycles_per_iteration", stalls / static_cast<double>(steady.iterations)}});
  }
  if (!loop.timeline.empty()) json["timeline"] = timeline_json(loop.timeline, loop.instruction_name());
  return json;
}

void print_loop(std::ostream& out, const ModelledLoop& loop, const model::MachineDescription& machine) {
  const model::SteadyLoop& steady = loop.steady;
  if (!loop.name.empty()) out << "region     " << loop.name << '\n';
  out << "machine    " << machine.name << ", " << machine.vector_bits << "-bit vectors\n"
      << "cycles     " << fixed_text(steady.per_iteration(steady.sum.cycles), 2) << " an iteration (mean of iterations "
      << steady.first + 1 << " to " << steady.first + steady.measured << " of " << steady.iterations
      << ", caches warm)\n"
      << "code       " << loop.body.size() << " instructions, "
      << fixed_text(steady.per_iteration(steady.sum.micro_ops), 2) << " micro-ops an iteration\n"
      << "IPC        " << fixed_text(steady.sum.ipc(), 2) << '\n';
  print_cycle_tables(out, steady.sum, static_cast<double>(steady.measured), 2, "an iteration");
  std::vector<std::vector<std::string>> rows{{"stall", "instruction"}};
  for (std::size_t i = 0; i < loop.body.size(); ++i) {
    const auto stalls = static_cast<double>(steady.sum.by_instruction[i].stall_cycles);
    rows.push_back({fixed_text(stalls / static_cast<double>(steady.iterations), 2), loop.body[i].text});
  }
  out << "stall: cycles an iteration in which the instruction was the oldest and not complete\n"
      << table_text(rows, {true, false});
  if (!loop.timeline.empty()) print_timeline(out, loop.timeline, loop.instruction_name());
}

}  // namespace

int run_model(const Arguments& arguments, const Environment& environment) {
  Options options("model", "--machine NAME [options] FILE.s",
                  "Cycles an iteration of a loop body given as assembly text (- reads standard input), the share of\n"
                  "each pipe and the cause of each lost dispatch cycle. Text as llvm-mca takes it: labels, directives\n"
                  "and comments are skipped; \"# LLVM-MCA-BEGIN [name]\" and \"# LLVM-MCA-END [name]\" mark regions.\n"
                  "The body runs again and again with warm caches; a branch at its end is taken, others fall through.");
  options.add()("machine", value("NAME"), "a64fx (default), neoverse-v1, neoverse-v2, or a machine file")  //
      ("iterations", value("N"),
       "of the measured run (default: 200); its first quarter and the last one do not count")  //
      ("json", "print one JSON object")                                                        //
      ("file", value("FILE"), "assembly text (also without --file)");
  add_timeline_options(options);
  options.positional("file", 1);
  if (!options.parse(join_timeline_count(arguments), environment)) return 0;
  const std::string file = options.required("file");
  const auto machine = model::load_machine(options.text("machine").value_or("a64fx"));
  const auto iterations = static_cast<std::uint64_t>(options.integer("iterations", 1, 1'000'000'000).value_or(200));
  const auto shown = timeline_length(options);
  const std::string text = read_text(file);

  const model::Decoder decoder(machine->vector_bits);
  std::vector<ModelledLoop> loops;
  for (const model::AssemblyRegion& region : model::assembly_regions(text, file)) {
    ModelledLoop& loop =
        loops.emplace_back(ModelledLoop{region.name, decoder.parse_assembly(region.text, file), {}, Timeline(shown)});
    loop.steady = model::run_steady(machine, loop.body, iterations, loop.timeline.listener());
  }
  if (options.has("perfetto") && loops.size() > 1)
    throw InputError("--perfetto takes one region and " + file + " has " + std::to_string(loops.size()) +
                     "; leave one pair of markers");
  write_perfetto(options, loops.front().timeline, loops.front().instruction_name());
  if (options.has("json")) {
    Json json{{"machine", machine->name}, {"vector_bits", machine->vector_bits}, {"regions", Json::array()}};
    for (const ModelledLoop& loop : loops) json["regions"].push_back(loop_json(loop));
    environment.out << json.dump(2) << '\n';
    return 0;
  }
  for (const ModelledLoop& loop : loops) {
    if (&loop != &loops.front()) environment.out << '\n';
    print_loop(environment.out, loop, *machine);
  }
  return 0;
}

}  // namespace svetune::app
