#include "model/core_model.hpp"

#include <algorithm>

#include "model/core_state.hpp"
#include "model/error.hpp"

namespace svetune::model {
namespace {

// Stations connected by a common pipe get the same cluster.
std::vector<std::uint8_t> cluster_stations(const MachineDescription& m) {
  std::vector<std::uint32_t> pipes(m.stations.size(), 0);
  for (const PipeGroup& group : m.groups) {
    for (const PipeGroup::Choice& choice : group.choices) pipes[choice.station] |= choice.pipes;
  }
  std::vector<std::uint8_t> cluster(m.stations.size());
  for (std::size_t s = 0; s < cluster.size(); ++s) {
    cluster[s] = static_cast<std::uint8_t>(s);
    for (std::size_t t = 0; t < s; ++t) {
      if ((pipes[s] & pipes[t]) != 0) cluster[s] = cluster[t];
    }
  }
  return cluster;
}

}  // namespace

CoreState::CoreState(const MachineDescription& m)
    : machine(m),
      predictor(m.front_end),
      fetch(m, predictor),
      memory(m.memory),
      accounting(m),
      window(std::size_t{4} * m.window.groups * m.window.group),
      occupied(m.stations.size(), 0),
      clusters(m.stations.size()),
      cluster_of(cluster_stations(m)),
      pipe_free(m.pipes.size(), 0) {
  reset_registers();
}

void CoreState::reset_registers() {
  const auto count = [](unsigned n) { return n == 0 ? 1 << 30 : static_cast<int>(n); };
  free_registers = {count(machine.window.integer_registers), count(machine.window.vector_registers),
                    count(machine.window.predicate_registers)};
}

void CoreState::squash() {
  squashed = true;
  memory.squash(window.head);
  window.tail = window.head;
  groups.clear();
  rename.fill(0);
  reset_registers();
  std::fill(occupied.begin(), occupied.end(), 0U);
  for (Cluster& cluster : clusters) cluster.entries.clear();
}

class CoreModel::Impl {
 public:
  Impl(std::shared_ptr<const MachineDescription> machine, std::shared_ptr<ResolvedProgram> resolved)
      : machine_(std::move(machine)),
        resolved_(std::move(resolved)),
        state_(*machine_),
        dispatch_(state_),
        issue_(state_),
        commit_(state_) {}

  Report run(TraceSource& source, const RegionListener& on_region, const StageListener& on_stage) {
    std::shared_ptr<ResolvedProgram> program = resolved_;
    if (!program) program = std::make_shared<ResolvedProgram>(*machine_);
    state_.squash();  // what an exception left behind
    const Cycle start = state_.now;
    state_.accounting.start(start, &on_region);
    state_.fetch.start(source, *program, start);
    const Hierarchy& hierarchy = state_.memory.hierarchy();
    const std::uint64_t l1 = hierarchy.l1_misses, l2 = hierarchy.l2_misses;
    Cycle progress = start;
    FlowId head = state_.window.head;
    while (!state_.fetch.exhausted() || !state_.window.empty()) {
      state_.accounting.totals.l1_misses = hierarchy.l1_misses - l1;
      state_.accounting.totals.l2_misses = hierarchy.l2_misses - l2;
      commit_.cycle(on_stage, start);
      state_.memory.cycle(state_.now, state_.window);
      issue_.cycle();
      dispatch_.cycle();
      state_.fetch.cycle(state_.now);
      ++state_.now;
      if (head != state_.window.head) progress = state_.now;
      head = state_.window.head;
      if (state_.now - progress > kDeadlock) throw_deadlock();
    }
    return state_.accounting.finish();
  }

 private:
  static constexpr Cycle kDeadlock = 1'000'000;

  [[noreturn]] void throw_deadlock() const {
    const WindowEntry& entry = state_.window[state_.window.head];
    throw ModelError("machine " + machine_->name + " makes no progress at instruction number " +
                     std::to_string(entry.sequence) + ": a queue of its file is too small for one instruction");
  }

  std::shared_ptr<const MachineDescription> machine_;
  std::shared_ptr<ResolvedProgram> resolved_;
  CoreState state_;
  DispatchStage dispatch_;
  IssueStage issue_;
  CommitStage commit_;
};

CoreModel::CoreModel(std::shared_ptr<const MachineDescription> machine, std::shared_ptr<ResolvedProgram> resolved)
    : impl_(std::make_unique<Impl>(std::move(machine), std::move(resolved))) {}
CoreModel::~CoreModel() = default;

Report CoreModel::run(TraceSource& source, const RegionListener& on_region, const StageListener& on_stage) {
  return impl_->run(source, on_region, on_stage);
}

}  // namespace svetune::model
