#include "model/steady_loop.hpp"

#include <algorithm>

#include "model/assembly_loop.hpp"
#include "model/machine.hpp"

namespace svetune::model {

void add_counts(Report& sum, const Report& other) {
  sum.instructions += other.instructions;
  sum.micro_ops += other.micro_ops;
  sum.cycles += other.cycles;
  sum.full_dispatch_cycles += other.full_dispatch_cycles;
  sum.l1_misses += other.l1_misses;
  sum.l2_misses += other.l2_misses;
  sum.flushes += other.flushes;
  for (const auto& [cause, lost] : other.lost_dispatch) sum.lost_dispatch[cause] += lost;
  for (const auto& [pipe, busy] : other.pipe_busy) sum.pipe_busy[pipe] += busy;
}

SteadyLoop run_steady(std::shared_ptr<const MachineDescription> machine, const std::vector<Instruction>& body,
                      std::uint64_t iterations, const StageListener& on_stage) {
  const unsigned vector_bits = machine->vector_bits;
  CoreModel core(std::move(machine));
  AssemblyLoop warm_up(body, std::max<std::uint64_t>(iterations / 2, 1), vector_bits);
  core.run(warm_up);

  SteadyLoop out;
  out.iterations = iterations;
  out.first = iterations / 4;
  const std::uint64_t end = std::max<std::uint64_t>(iterations - 1, 1);
  AssemblyLoop loop(body, iterations, vector_bits);
  std::uint64_t at = 0;
  const auto count = [&](const Report& iteration) {
    if (at >= out.first && at < end) {
      add_counts(out.sum, iteration);
      ++out.measured;
    }
    ++at;
  };
  out.sum.by_instruction = core.run(loop, count, on_stage).by_instruction;
  out.sum.by_instruction.resize(body.size());
  return out;
}

}  // namespace svetune::model
