// T4 results of the autotuning community, schema 1.0.0: a failure by its cause.
#include "db/export/one_problem.hpp"
#include "db/export/writers.hpp"

namespace svetune::db {
namespace {

using Json = nlohmann::ordered_json;

std::string_view invalidity(Status status) {
  switch (status) {
    case Status::ok:
      return "correct";
    case Status::wrong_result:
      return "correctness";
    case Status::timed_out:
      return "timeout";
    case Status::rejected:
      return "constraints";
    case Status::crashed:
    case Status::unsupported:
      break;
  }
  return "runtime";
}

Json result(const Evaluation& row, const Machine& machine) {
  Json json;
  json["timestamp"] = row.when;
  for (const auto& [name, value] : parameters(row.config)) json["configuration"][name] = value;
  json["times"] = {{"runtimes", Json::array()}};
  for (const double sample : row.samples) json["times"]["runtimes"].push_back(milliseconds(sample, machine));
  json["invalidity"] = invalidity(row.status);
  json["correctness"] = row.status == Status::ok ? 1 : 0;
  json["objectives"] = {"time"};
  json["measurements"] = Json::array();
  if (row.status == Status::ok && row.cycles) {
    json["measurements"].push_back({{"name", "time"}, {"value", milliseconds(*row.cycles, machine)}, {"unit", "ms"}});
    json["measurements"].push_back({{"name", "cycles"}, {"value", *row.cycles}, {"unit", "cycles"}});
  }
  if (row.error) json["measurements"].push_back({{"name", "error"}, {"value", *row.error}, {"unit", ""}});
  return json;
}

}  // namespace

void write_t4(const Store& store, const ExportOptions& options, std::ostream& out) {
  const OneProblem one = one_problem(store, options, "t4");
  out << "{\"schema_version\": \"1.0.0\", \"results\": [";
  for (std::size_t i = 0; i < one.rows.size(); ++i) {
    out << (i == 0 ? "\n" : ",\n")
        << result(one.rows[i], one.machine).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  out << "\n]}\n";
}

}  // namespace svetune::db
