// The hardware units that the pipeline's stages share.
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "model/accounting.hpp"
#include "model/fetch.hpp"
#include "model/load_store.hpp"
#include "model/machine.hpp"
#include "model/predictor.hpp"
#include "model/window.hpp"

namespace svetune::model {

// What one cycle of dispatch put into the reorder buffer.
struct Group {
  FlowId end = 0;
};

// Stations whose entries go to common pipes, so that their age has to be compared.
struct Cluster {
  std::vector<FlowId> entries;  // oldest first
};

struct CoreState {
  explicit CoreState(const MachineDescription& m);

  const MachineDescription& machine;
  Predictor predictor;
  Fetch fetch;
  LoadStoreUnit memory;
  Accounting accounting;
  Window window;
  std::deque<Group> groups;
  std::array<FlowId, kRegs + 1> rename{};  // who writes a register last; 0: its value is there
  std::array<int, 3> free_registers{};     // integer, vector, predicate
  std::vector<unsigned> occupied;          // entries of each station
  std::vector<Cluster> clusters;
  std::vector<std::uint8_t> cluster_of;  // by station
  std::vector<Cycle> pipe_free;          // first cycle in which a pipe takes a flow
  Cycle now = 0;
  bool squashed = false;  // tells dispatch to forget the instruction at hand

  void reset_registers();
  void squash();  // everything in flight
};

// The stages; each works on one cycle.
class DispatchStage {
 public:
  explicit DispatchStage(CoreState& state) : s_(state), written_(state.machine.stations.size()) {}
  void cycle();

 private:
  std::size_t dispatch();  // the cause that ended it
  bool place(const ResolvedInstruction& instruction, const ResolvedMicroOp& op, unsigned slot, std::size_t& cause);
  std::size_t choose(const PipeGroup& group, unsigned slot) const;
  void insert(const Fetched& fetched, std::size_t micro_op);
  void allocate(const ResolvedMicroOp& op, WindowEntry& entry);
  const Fetched* unpack(const Fetched& first, std::size_t& cause);

  CoreState& s_;
  std::vector<unsigned> written_;         // new entries in this cycle, by station
  std::array<std::uint8_t, 8> chosen_{};  // choice of each flow of the micro-op at hand
  std::size_t micro_op_ = 0;              // the next one of the instruction at hand
  std::uint8_t packed_ = 0;
  std::uint32_t packed_index_ = 0;
  bool packed_region_ = false;
  unsigned decoded_ = 0;
};

class IssueStage {
 public:
  explicit IssueStage(CoreState& state);
  void cycle();

 private:
  bool sources_known(WindowEntry& entry) const;
  Cycle start_on(const WindowEntry& entry, unsigned pipe) const;
  int choose_pipe(const WindowEntry& entry, std::uint32_t free) const;
  void issue(FlowId id, WindowEntry& entry, unsigned pipe);
  Cycle result_of(unsigned pipe, unsigned latency);

  CoreState& s_;
  std::vector<std::array<Cycle, 64>> results_;  // ring by pipe: cycles in which a result leaves
  std::vector<unsigned> issued_;                // in this cycle, by station
  std::vector<std::uint32_t> same_port_;        // by pipe: the pipes that share its port, itself included
};

class CommitStage {
 public:
  explicit CommitStage(CoreState& state) : s_(state) {}
  void cycle(const StageListener& on_stage, Cycle start);

 private:
  bool complete(FlowId id, FlowId end) const;
  bool commit_flow(FlowId id, const StageListener& on_stage, Cycle start);

  CoreState& s_;
};

}  // namespace svetune::model
