// The front end: executed instructions from the trace into the instruction buffer, with the bubbles of taken branches
// and the silence behind a mispredicted one.
#pragma once

#include <vector>

#include "model/machine.hpp"
#include "model/predictor.hpp"
#include "model/resolved.hpp"
#include "model/window.hpp"

namespace svetune::model {

struct Fetched {
  Executed executed;
  const ResolvedInstruction* instruction = nullptr;
  Cycle available = 0;  // first cycle in which it may be dispatched
  bool mispredicted = false, predicted = false;
};

enum class FetchState : std::uint8_t { ready, bubble, mispredicted, finished };

class Fetch {
 public:
  Fetch(const MachineDescription& machine, Predictor& predictor);

  void start(TraceSource& source, ResolvedProgram& program, Cycle now);
  void cycle(Cycle now);  // fills the buffer

  // The n-th instruction that waits for dispatch, or nullptr; state() says why.
  const Fetched* peek(Cycle now, std::uint64_t n = 0) const;
  FetchState state() const;
  std::uint64_t position() const { return next_; }  // sequence number of the next instruction to dispatch
  void advance() { ++next_; }
  bool exhausted() const { return ended_ && next_ == read_; }

  void retire(std::uint64_t sequence) { oldest_ = sequence; }  // everything before it has committed
  void resolved(std::uint64_t sequence, Cycle when);           // a mispredicted branch has been executed
  void flushed(std::uint64_t sequence);                        // ... and has committed
  void restart(std::uint64_t sequence, Cycle now);             // fetch again from an instruction on

 private:
  Fetched& at(std::uint64_t sequence) { return ring_[sequence & mask_]; }
  const Fetched& at(std::uint64_t sequence) const { return ring_[sequence & mask_]; }
  bool read_ahead(std::uint64_t sequence);
  bool predict(Fetched& fetched, std::uint64_t next_pc);
  unsigned bubbles(const Fetched& branch, std::uint64_t target);

  const FrontEndFacts& facts_;
  Predictor& predictor_;
  TraceSource* source_ = nullptr;
  ResolvedProgram* program_ = nullptr;
  std::vector<Fetched> ring_;
  std::size_t mask_;
  std::uint64_t oldest_ = 0, next_ = 0, fetched_ = 0, read_ = 0;  // oldest <= next <= fetched <= read
  bool ended_ = false, looping_ = false;
  Cycle resume_ = 0;
  std::uint64_t waits_for_ = UINT64_MAX, flush_of_ = UINT64_MAX;
  std::uint64_t last_taken_ = 0;
  std::vector<std::uint64_t> target_buffer_;
};

}  // namespace svetune::model
