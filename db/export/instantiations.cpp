// The micro-kernels that a generated header's configurations call: what a small library is built with.
#include "space/instantiations.hpp"

#include <set>

#include "db/export/tables.hpp"
#include "db/export/writers.hpp"

namespace svetune::db {

void write_instantiations(const Store& store, const ExportOptions& options, std::ostream& out) {
  Store::Filter filter;
  filter.processor = options.processor;
  filter.timer = options.timer;
  std::set<std::string> lines;
  for (const Series& series : one_timer_each(store.series(filter))) {
    for (const Entry& entry : make_tables(store, series).entries) add_instantiations(entry.choice.config, lines);
  }
  if (lines.empty())
    throw InputError("database " + store.file().string() +
                     " holds no verified time to export; run svetune sweep --db " + store.file().string() + " first");
  out << "# Micro-kernels of the configurations in this database's header. Written by `svetune export "
         "instantiations`.\n"
         "# cmake -DSVETUNE_INSTANTIATIONS=THIS_FILE builds a library with these alone (docs/deploying.md).\n";
  for (const std::string& line : lines) out << line << '\n';
}

}  // namespace svetune::db
