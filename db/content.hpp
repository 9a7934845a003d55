// What reads the whole database: series of times, every evaluation in order, the hash of the content.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "db/series.hpp"
#include "db/sqlite.hpp"
#include "db/store.hpp"

namespace svetune::db {

// `strategies`: those to read, as ",separate,fused,".
std::vector<Series> load_series(Connection& connection, const Store::Filter& filter, const std::string& strategies);
void each_evaluation(Connection& connection, const std::function<void(const Evaluation&)>& visit);
std::string hash_content(Connection& connection);

}  // namespace svetune::db
