// A processor core as data: what a file of model/machines says, checked as it is read.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/instruction.hpp"

namespace svetune::model {

// How a micro-op finds its reservation station among those that feed its pipes.
enum class Placement : std::uint8_t {
  slot,      // two stations: decode slots 0, 2 take the first, 1, 3 the second, unless only the other has room
  emptiest,  // the station with the fewest entries
  rsx,       // four: the first two (by slot) or the last two (by slot), whichever pair has more room
};

struct Station {
  std::string name;
  unsigned entries = 0, write_ports = 0, issues = 0;  // new entries a cycle, issues a cycle
};

struct Pipe {
  std::string name;
  std::uint8_t port = 0;                    // pipes with the same port issue one micro-op a cycle together
  std::vector<std::uint16_t> result_steps;  // latencies at which a result may leave; a taken one pushes to the next
};

struct PipeGroup {
  struct Choice {
    std::uint8_t station = 0;
    std::uint32_t pipes = 0;  // bits
  };
  std::string name;  // "FL*"
  Placement placement = Placement::emptiest;
  std::vector<Choice> choices;
};

enum class Role : std::uint8_t { compute, load, store_address, store_data, writeback, branch, prefetch, nothing };
enum class Inputs : std::uint8_t { all, last, none };

// One flow through a pipe. A micro-op is a flow and those behind it that are `paired` with it.
struct Flow {
  std::uint8_t group = 0;
  Role role = Role::compute;
  Inputs inputs = Inputs::all;
  bool after = false;         // also waits for the flow before it
  bool paired = false;        // belongs to the same micro-op as the flow before it
  bool split = false;         // defines the next one of the instruction's registers; else the last flow defines all
  bool compare = false;       // its result has the bypass class "compare"
  std::uint16_t latency = 0;  // 0 for stores
  std::uint16_t busy = 1;     // cycles in which the pipe takes nothing else
  std::uint16_t forward = 0;  // latency from accumulator to accumulator between flows with this field; 0: as latency
};

struct InstructionClass {
  std::string name;
  std::vector<Flow> flows;
  bool prefix = false;      // MOVPRFX: packed with its consumer
  bool sequential = false;  // decoded alone
  bool serializes = false;  // waits until everything before it has committed
  bool broadcast = false;   // a load that repeats an element: never forwarded from a store
  bool scattered = false;   // gathers, scatters, structures: never forwarded
};

struct CacheFacts {
  unsigned size = 0, ways = 0, line = 0;
  unsigned latency = 0;      // cycles added to a load that has to come from this level
  unsigned outstanding = 0;  // misses
};

struct MemoryFacts {
  unsigned load_queue = 0, store_queue = 0, write_buffer = 0, write_bytes = 64;
  bool write_blocks_loads = false;  // no load starts in a cycle in which a store is written
  unsigned loads_per_cycle = 2, writes_per_cycle = 1;
  unsigned store_to_write = 1;      // cycles from commit to the first possible write
  unsigned write_to_load = 1;       // cycles from the write until a load that waited for it starts
  unsigned forward_latency = 0;     // cycles added to a forwarded load
  bool forwards_contained = false;  // a load inside of an older store is forwarded; else only the same bytes
  unsigned fill_block = 0, victim_clean_block = 0, victim_dirty_block = 0;  // cycles without loads a line fill costs
  CacheFacts l1, l2;
  unsigned l2_read_bytes = 64, l2_write_bytes = 32;  // bytes a cycle between L1 and L2
  unsigned memory_latency = 0, memory_bytes_per_cycle = 16;
  unsigned stream_entries = 0, stream_l1_lines = 0, stream_l2_lines = 0;
};

struct FrontEndFacts {
  unsigned fetch_bytes = 32, buffer = 48, taken_bubbles = 0, target_buffer = 0;
  unsigned loop_buffer = 0;  // instructions of a loop that needs no fetch; 0: none
  unsigned depth = 0;        // cycles from fetch to the first possible dispatch
  unsigned decode = 4;       // instructions a cycle
  unsigned history_bits = 12, table_bits = 14, return_stack = 8;
  bool flush_at_commit = false;  // dispatch goes on only after the mispredicted branch has committed
};

struct WindowFacts {
  unsigned dispatch = 4;           // micro-ops a cycle
  unsigned groups = 0, group = 1;  // reorder buffer: groups, micro-ops in each
  unsigned commit_groups = 1;      // a cycle
  unsigned integer_registers = 0, vector_registers = 0, predicate_registers = 0;  // for renaming
};

// Bypass classes: the pipes by their number, then these.
constexpr unsigned kMaxPipes = 24, kFromLoad = kMaxPipes, kFromCompare = kMaxPipes + 1, kBypassFrom = kMaxPipes + 2;

class MachineDescription {
 public:
  std::string name;
  std::string file;    // where it was read, for messages
  std::string digest;  // of the file's text, 8 hexadecimal digits: times of different texts are of different versions
  unsigned vector_bits = 0;
  double clock_ghz = 0, peak_flop_per_cycle = 0;  // fp32
  FrontEndFacts front_end;
  WindowFacts window;
  MemoryFacts memory;
  std::vector<Station> stations;
  std::vector<Pipe> pipes;
  std::vector<PipeGroup> groups;
  std::vector<Flow> writeback;  // appended where an instruction writes its base back and its class does not say how
  std::array<std::array<std::uint8_t, kMaxPipes>, kBypassFrom> bypass{};  // extra cycles [from][to pipe]

  // The class of an instruction of this shape. Throws ModelError that names the instruction and what to add where.
  const InstructionClass& class_of(const Instruction& instruction) const;

  struct Pattern {
    std::string mnemonic, operands;  // '*' stands for any text
    std::uint32_t index;             // of its class
  };
  std::vector<InstructionClass> classes;
  std::vector<Pattern> patterns;  // in the order of the file; the first match counts
};

// Names that load_machine knows.
std::vector<std::string> known_machines();

// Text of a machine file; `file` names it in messages. Throws ModelError "file:line: what".
MachineDescription parse_machine(std::string_view text, const std::string& file);

}  // namespace svetune::model
