// Writes the header that lookup.cpp measures: 1000 shapes of one class, from a database that is made for it.
#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <string>

#include "db/export/formats.hpp"

using namespace svetune;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string database = argv[1];
  for (const char* suffix : {"", "-wal", "-shm"}) std::remove((database + suffix).c_str());
  db::Store store(database, db::Store::Mode::read_write);
  const auto session = store.begin_sweep({"a64fx", 512, 2.0, 64, "none", "none"}, {"counters", "1"}, "benchmark", 1);
  std::mt19937 random(1);
  std::set<std::string> shapes;
  while (shapes.size() < 1000) {
    const auto extent = [&] { return std::to_string(1 + random() % 4096); };
    const std::string m = std::to_string(1 + random() % 64), nc = extent();
    shapes.insert(m + "x" + nc + "x" + extent());
  }
  for (const auto& shape : shapes) {
    db::Evaluation row;
    row.problem = parse_problem(shape);
    row.config = parse_configuration("strategy=separate mr=" + std::to_string(1 + random() % 4));
    row.samples = {1000};
    row.when = "2026-11-24T12:00:00Z";
    store.add(session, row);
  }
  std::ofstream(argv[2]) << db::export_header(store);
  return 0;
}
