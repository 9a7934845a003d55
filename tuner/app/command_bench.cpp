// svetune bench: one configuration, verified and timed.
#include <ostream>

#include "app/command.hpp"
#include "app/present.hpp"

namespace svetune::app {
namespace {

void print_text(std::ostream& out, const Evaluated& result, const RunChoice& choice) {
  const db::Evaluation& row = result.row;
  out << "problem  " << to_text(row.problem) << '\n'
      << "config   " << to_text(row.config) << '\n'
      << "status   " << db::to_text(row.status) << (row.detail.empty() ? "" : ": ") << row.detail << '\n';
  if (row.error)
    out << "error    " << error_text(row.error) << " (accepted: " << error_text(error_bound(row.problem)) << ")\n";
  if (row.p_ulp) out << "P        " << fixed_text(*row.p_ulp, 2) << " ULP at most\n";
  if (row.cycles) {
    out << "time     " << cycles_text(row.cycles) << " cycles by " << choice.facts.timer.name << ", "
        << fixed_text(percent_of_peak(row.problem, *row.cycles, choice.facts.peak_flop_per_cycle), 1) << " % of "
        << choice.facts.processor << "'s peak\n";
  }
  if (result.report) print_report(out, *result.report);
}

}  // namespace

int run_bench(const Arguments& arguments, const Environment& environment) {
  Options options("bench", "--problem MxNCxD --config \"strategy=S axis=value ...\" [options]",
                  "Verifies one configuration against fp64 and times it. Axes left out take the strategy's defaults.\n"
                  "A wrong result is timed as well. Exit code 1 where the status is not ok.");
  options.add()("problem", value("MxNCxD"), "as 4x64x128, 4x64x64:ldv=128, 4x64x128:accuracy=low")  //
      ("config", value("TEXT"), "as \"strategy=separate exp2=fexpa mr=4 nr=4\"")                    //
      ("json", "print one JSON object");
  add_run_options(options);
  if (!options.parse(arguments, environment)) return 0;
  const Problem problem = parse_problem(options.required("problem"));
  const svetune_config config = parse_configuration(options.required("config"));
  const RunChoice choice = run_choice(options, environment);
  const auto [machine, provenance] = machine_of(choice);
  const Evaluated result =
      Evaluator(choice, true, measure::KernelImage::read(choice.host.runner)).evaluate(problem, config);
  if (options.has("json")) {
    Json json = evaluation_json(result.row, choice.facts.timer.name, choice.facts.peak_flop_per_cycle);
    json["timer_version"] = choice.facts.timer.version;
    json["seed"] = choice.seed;
    json["machine"] = {{"processor", machine.processor},
                       {"vector_bits", machine.vector_bits},
                       {"compiler", machine.compiler},
                       {"flags", machine.flags}};
    json["provenance"] = {{"source_revision", provenance.source_revision},
                          {"midr", provenance.midr},
                          {"emulator", provenance.emulator},
                          {"governor", provenance.governor},
                          {"clock_ghz", provenance.clock_ghz}};
    json["kernel_hash"] = result.row.kernel_hash ? Json(*result.row.kernel_hash) : Json(nullptr);
    json["report"] = result.report ? report_json(*result.report) : Json(nullptr);
    environment.out << json.dump(2) << '\n';
  } else {
    print_text(environment.out, result, choice);
  }
  return result.row.status == db::Status::ok ? 0 : 1;
}

}  // namespace svetune::app
