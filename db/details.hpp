// Single evaluations and sweeps in full.
#pragma once

#include <string>
#include <vector>

#include "db/sqlite.hpp"
#include "db/store.hpp"

namespace svetune::db {

// Throws InputError where there is none of that number.
Evaluation read_details(Connection& connection, std::int64_t id);
std::vector<Evaluation> find_evaluations(Connection& connection, const Problem& problem, const std::string& config);
std::vector<Evaluation> read_superseded(Connection& connection, std::int64_t id);
Sweep read_sweep_of(Connection& connection, std::int64_t evaluation);
std::vector<Sweep> read_sweeps(Connection& connection);
void rewind_database(Connection& connection, const Sweep& sweep);  // Store::rewind_to

}  // namespace svetune::db
