// svetune import: results of another tuner into a database.
#include <ostream>

#include "app/command.hpp"
#include "app/kernel_tuner_cache.hpp"
#include "app/output.hpp"

namespace svetune::app {
namespace {

constexpr std::string_view kTimer = "kernel-tuner";

}  // namespace

int run_import(const Arguments& arguments, const Environment& environment) {
  Options options(
      "import", "FILE --db DATABASE --processor NAME [options]",
      "Adds the results of a cache file of Kernel Tuner, of one of our spaces, to a database. They are of the\n"
      "timer kernel-tuner, never compared with others, and stale: nobody knows the code that was timed.");
  options.add()("file", value("FILE"), "cache file of Kernel Tuner (JSON); also one that was interrupted")  //
      ("db", value("DATABASE"), "database; made where there is none")                                       //
      ("processor", value("NAME"), "that the times are of: a64fx")                                          //
      ("vector-bits", value("N"), "its vector length (default: 512)")                                       //
      ("mhz", value("N"), "its clock, for cycles from times (default: 1000)")                               //
      ("json", "print one JSON object");
  options.positional("file", 1);
  if (!options.parse(arguments, environment)) return 0;
  const auto processor = options.required("processor");
  const double ghz = static_cast<double>(options.integer("mhz", 1, 100'000).value_or(1000)) / 1000;
  const auto bits = static_cast<std::uint32_t>(options.integer("vector-bits", 128, 2048).value_or(512));
  KernelTunerCache cache = read_kernel_tuner(options.required("file"));
  db::Store store(options.required("db"), db::Store::Mode::read_write);
  const double lanes = bits / 32.0;
  const db::Session session =
      store.begin_sweep({processor, bits, ghz, 2 * 2 * lanes, "not known", cache.device},
                        {std::string(kTimer), "imported"}, command_text("import", arguments), 0);
  std::size_t added = 0;
  for (db::Evaluation& row : cache.rows) {
    for (double& sample : row.samples) sample *= ghz;
    if (row.cycles) *row.cycles *= ghz;
    added += store.add(session, row) ? 1 : 0;
  }
  store.end_sweep(session, "finished");
  const std::size_t known = cache.rows.size() - added;
  if (options.has("json")) {
    const Json json{{"problem", to_text(cache.problem)}, {"added", added}, {"known", known}};
    environment.out << json.dump() << '\n';
  } else {
    environment.out << options.required("db") << ": " << added << " evaluations of " << to_text(cache.problem)
                    << " added, " << known << " known already\n";
  }
  return 0;
}

}  // namespace svetune::app
