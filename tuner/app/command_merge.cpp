// svetune merge: databases of several machines or shards in one.
#include <ostream>

#include "app/command.hpp"
#include "app/options.hpp"
#include "db/merge.hpp"
#include "db/store.hpp"

namespace svetune::app {

int run_merge(const Arguments& arguments, const Environment& environment) {
  Options options(
      "merge", "OUT IN... [options]",
      "Adds the evaluations of the databases IN to OUT, which is made where it is missing: all or nothing.\n"
      "The same evaluation is kept once. Where two differ for the same problem, configuration, machine and\n"
      "timer, the newer one answers and both are kept (svetune show prints them). The order of the inputs\n"
      "does not matter, and merging again changes nothing.");
  options.add()("files", values("FILE"), "OUT, then the inputs (or as words)")  //
      ("json", "print one JSON object");
  options.positional("files", -1);
  if (!options.parse(arguments, environment)) return 0;
  const auto files = options.texts("files");
  if (files.size() < 2)
    throw InputError("svetune merge needs OUT and at least one input; svetune merge --help shows how");
  const db::MergeCounts counts = db::merge(files.front(), {files.begin() + 1, files.end()});
  const std::string hash = db::Store(files.front(), db::Store::Mode::read_only).content_hash();
  if (options.has("json")) {
    environment.out << "{\"added\": " << counts.added << ", \"known\": " << counts.known
                    << ", \"conflicts\": " << counts.conflicts << ", \"content\": \"" << hash << "\"}\n";
  } else {
    environment.out << files.front() << ": " << counts.added << " evaluations added, " << counts.known
                    << " known already, " << counts.conflicts
                    << " in conflict (the newer one answers, both are kept); content " << hash << '\n';
  }
  return 0;
}

}  // namespace svetune::app
