#include "micro_benchmark.hpp"

#include <algorithm>

#include "assembly_program.hpp"
#include "model/machine.hpp"

namespace svetune::model {
namespace {

AssemblyProgram program_of(const MicroBenchmark& b, const std::string& text, unsigned vector_bits) {
  AssemblyProgram program(text, vector_bits);
  program.registers = b.registers;
  program.memory = b.memory;
  return program;
}

}  // namespace

Report MicroBenchmark::run(const std::string& text) const {
  const auto description = load_machine(machine);
  AssemblyProgram program = program_of(*this, text, description->vector_bits);
  return CoreModel(description).run(program);
}

std::vector<InstructionTimes> MicroBenchmark::times(const std::string& text) const {
  const auto description = load_machine(machine);
  AssemblyProgram program = program_of(*this, text, description->vector_bits);
  std::vector<InstructionTimes> out;
  CoreModel(description).run(program, {}, [&](const StageTimes& t) {
    if (t.sequence >= out.size()) out.resize(t.sequence + 1);
    InstructionTimes& i = out[t.sequence];
    const bool first = i.pipes.empty();
    i.dispatched = first ? t.dispatched : std::min(i.dispatched, t.dispatched);
    i.issued = first ? t.issued : std::min(i.issued, t.issued);
    i.completed = std::max(i.completed, t.completed);
    i.committed = std::max(i.committed, t.committed);
    i.pipes.emplace_back(t.pipe);
  });
  return out;
}

double MicroBenchmark::steady(const std::string& prologue, const std::string& body, unsigned repetitions) const {
  const auto cycles = [&](unsigned n) { return run(prologue + repeat(body, n) + "ret\n").cycles; };
  return static_cast<double>(cycles(2 * repetitions) - cycles(repetitions)) / repetitions;
}

std::string repeat(std::string_view text, unsigned times) {
  std::string out;
  for (unsigned t = 0; t < times; ++t) out += text;
  return out;
}

std::string numbered(std::string_view text, unsigned times, unsigned first, unsigned count) {
  std::string out;
  for (unsigned t = 0; t < times; ++t) {
    for (const char c : text) out += c == '%' ? std::to_string(first + t % count) : std::string(1, c);
  }
  return out;
}

}  // namespace svetune::model
