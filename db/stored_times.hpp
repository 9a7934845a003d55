// The times of a line, read from the database when they are asked for.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/lines.hpp"
#include "db/times.hpp"

namespace svetune::db {

// By cycles, then by text; an absent time is the slowest.
bool faster(const Evaluation& a, const Evaluation& b);
// The fastest evaluations of one line; a configuration that a newer build has evaluated is not taken from an older one.
// `strategies`: those to read, as ",separate,fused,".
std::vector<Evaluation> best_of_line(Connection& connection, const Line& line, std::int64_t problem,
                                     const std::string& strategies, std::size_t top);

class StoredTimes final : public Times {
 public:
  // `mutex` guards the connection; both outlive this object.
  StoredTimes(Connection& connection, std::mutex& mutex, Line line, std::string strategies);

  const std::string& processor() const { return line_.processor; }
  const std::string& timer() const { return line_.timer; }
  bool empty();  // no problem has a time

  std::uint32_t vector_bits() const override { return line_.vector_bits; }
  const std::vector<Problem>& problems() const override { return problems_; }
  const Choice& choice(std::uint32_t choice) const override { return choices_[choice]; }
  std::optional<Time> winner(std::uint32_t problem) override;
  std::optional<double> cycles(std::uint32_t problem, std::uint32_t choice) override;
  // The robust default of the problems that `serves` picks, among configurations that `valid` picks and all of these
  // problems have; nothing where none has, or where several builds or versions have timed them.
  std::optional<Robust> complete_default(const std::function<bool(const Problem&)>& serves,
                                         const std::function<bool(const svetune_config&)>& valid);
  // The place of a configuration, which cycles() may then be asked for.
  std::uint32_t choice_of(const svetune_config& config);

 private:
  Connection& connection_;
  std::mutex& mutex_;
  Line line_;
  std::string strategies_;
  std::vector<Problem> problems_;
  std::vector<std::int64_t> ids_;  // of problems_
  std::vector<Choice> choices_;    // named so far
  std::map<std::string, std::uint32_t> places_;
  std::unordered_map<std::uint32_t, std::optional<Time>> winners_;
};

}  // namespace svetune::db
