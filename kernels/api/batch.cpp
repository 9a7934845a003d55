// Batches: the arguments of one call moved on, call by call, in parts that the caller spreads over threads.
#include <atomic>
#include <cstdint>

#include "svetune/kernels.h"

namespace {

constexpr std::size_t kAlignment = 256;  // parts share no cache line

struct Job {
  const svetune_plan* plan;
  const svetune_args* args;
  const svetune_batch* batch;
  int parts;
  std::size_t workspace_bytes;  // of one part
  std::atomic<int> status{SVETUNE_OK};
};

// SIZE_MAX where no memory can hold it.
std::size_t part_bytes(const svetune_problem* problem, const svetune_config* config) {
  const std::size_t bytes = svetune_workspace_bytes(problem, config);
  return bytes > SIZE_MAX - kAlignment ? SIZE_MAX : (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

svetune_args call(const Job& job, std::int64_t index, int part) {
  const auto i = static_cast<std::ptrdiff_t>(index);
  svetune_args args = *job.args;
  if (args.s != nullptr) args.s += job.batch->s * i;
  if (args.max != nullptr) args.max += job.batch->max * i;
  if (args.p != nullptr) args.p += job.batch->p * i;
  if (args.row_sum != nullptr) args.row_sum += job.batch->row_sum * i;
  args.v += job.batch->v * i;
  args.o += job.batch->o * i;
  if (args.workspace != nullptr)
    args.workspace = static_cast<char*>(args.workspace) + static_cast<std::size_t>(part) * job.workspace_bytes;
  args.workspace_bytes = job.workspace_bytes;
  return args;
}

// The calls from count * part / parts on; what one call is refused for, all are.
void run_part(void* data, int part) {
  Job& job = *static_cast<Job*>(data);
  const std::int64_t count = job.batch->count, parts = job.parts;
  const std::int64_t whole = count / parts, more = count % parts;
  const std::int64_t begin = part * whole + (part < more ? part : more);
  const std::int64_t end = begin + whole + (part < more ? 1 : 0);
  for (std::int64_t i = begin; i < end; ++i) {
    const svetune_args args = call(job, i, part);
    const svetune_status status = svetune_call(job.plan, &args);
    if (status == SVETUNE_OK) continue;
    job.status.store(status, std::memory_order_relaxed);
    return;
  }
}

}  // namespace

extern "C" {

size_t svetune_batch_workspace_bytes(const svetune_problem* problem, const svetune_config* config, int parts) {
  std::size_t bytes = 0;
  if (parts < 1) return 0;
  return __builtin_mul_overflow(part_bytes(problem, config), static_cast<std::size_t>(parts), &bytes) ? SIZE_MAX
                                                                                                      : bytes;
}

svetune_status svetune_run_batch(const svetune_problem* problem, const svetune_config* config, const svetune_args* args,
                                 const svetune_batch* batch, int parts, svetune_spread spread, void* context) {
  if (problem == nullptr || config == nullptr || args == nullptr || batch == nullptr) return SVETUNE_NULL_POINTER;
  if (args->v == nullptr || args->o == nullptr) return SVETUNE_NULL_POINTER;
  if (batch->count < 1 || parts < 1 || (batch->count > 1 && batch->o == 0)) return SVETUNE_BAD_BATCH;
  if (batch->count > 1 && problem->operation == SVETUNE_EXP2_GEMM_SUMS && batch->row_sum == 0) return SVETUNE_BAD_BATCH;
  if (parts > batch->count) parts = static_cast<int>(batch->count);
  const std::size_t needed = svetune_batch_workspace_bytes(problem, config, parts);
  if (needed != 0 && args->workspace == nullptr) return SVETUNE_NULL_POINTER;
  if (args->workspace_bytes < needed) return SVETUNE_SMALL_WORKSPACE;
  svetune_plan plan;
  if (const svetune_status status = svetune_prepare(problem, config, &plan); status != SVETUNE_OK) return status;
  Job job{&plan, args, batch, parts, part_bytes(problem, config)};
  if (spread != nullptr) {
    spread(context, parts, run_part, &job);
  } else {
    for (int part = 0; part < parts; ++part) run_part(&job, part);
  }
  return static_cast<svetune_status>(job.status.load(std::memory_order_relaxed));
}

}  // extern "C"
