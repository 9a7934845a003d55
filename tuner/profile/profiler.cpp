#include "profile/profiler.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "measure/child_process.hpp"
#include "measure/emulator.hpp"
#include "model/emulated_trace.hpp"
#include "model/error.hpp"
#include "model/machine.hpp"
#include "model/steady_loop.hpp"
#include "profile/code_closure.hpp"
#include "profile/process_images.hpp"
#include "profile/targets.hpp"

namespace svetune::profile {
namespace {

constexpr std::size_t kMostRuns = 16, kLongestFilter = 64 << 10;

// The calls of a trace up to a number of them; what follows is the next one's.
class CallWindow : public model::TraceSource {
 public:
  explicit CallWindow(model::TraceSource& source) : source_(source) {}

  void allow(std::uint64_t calls) { left_ = calls; }
  const model::Instruction& instruction(std::uint32_t index) const override { return source_.instruction(index); }
  bool next(model::Executed& out) override {
    if (!pending_) {
      model::Executed read;
      if (!source_.next(read)) return false;
      pending_ = read;
    }
    if (pending_->starts_region) {
      if (left_ == 0) return false;
      --left_;
    }
    out = *pending_;
    pending_.reset();
    return true;
  }

 private:
  model::TraceSource& source_;
  std::uint64_t left_ = 0;
  std::optional<model::Executed> pending_;
};

// A stream of the program, kept until it is known that its run was the last one.
class KeptOutput {
 public:
  explicit KeptOutput(int target) : target_(target), file_(std::tmpfile()) {
    if (file_ == nullptr)
      throw InputError(std::string("no temporary file: ") + std::strerror(errno) + "; free some disk");
  }
  ~KeptOutput() { std::fclose(file_); }
  KeptOutput(const KeptOutput&) = delete;
  KeptOutput& operator=(const KeptOutput&) = delete;

  int fd() const { return fileno(file_); }
  void release() const {
    std::array<char, 1 << 16> chunk{};
    off_t at = 0;
    for (ssize_t got = 0; (got = pread(fd(), chunk.data(), chunk.size(), at)) > 0; at += got) {
      for (ssize_t done = 0; done < got;) {
        const ssize_t wrote = write(target_, chunk.data() + done, static_cast<std::size_t>(got - done));
        if (wrote < 0 && errno != EINTR) return;  // a closed pipe: the program would have been told so as well
        done += std::max<ssize_t>(wrote, 0);
      }
    }
  }

 private:
  int target_;
  std::FILE* file_;
};

// Our standard input, for each run from where it stands now.
class RewoundInput {
 public:
  RewoundInput() : start_(lseek(STDIN_FILENO, 0, SEEK_CUR)) {
    struct stat facts{};
    consumed_ = fstat(STDIN_FILENO, &facts) == 0 && (S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode));
  }
  // False: what an earlier run read of it is gone.
  bool rewind() const {
    if (!consumed_ && start_ >= 0) lseek(STDIN_FILENO, start_, SEEK_SET);
    return !consumed_;
  }

 private:
  off_t start_;
  bool consumed_ = false;
};

void add_call(SymbolTotal& total, const model::Report& call) {
  total.least_cycles = total.calls == 0 ? call.cycles : std::min(total.least_cycles, call.cycles);
  total.most_cycles = std::max(total.most_cycles, call.cycles);
  ++total.calls;
  model::add_counts(total.sum, call);
}

}  // namespace

class Profiler::Impl {
 public:
  explicit Impl(ProfileRequest asked)
      : request_(std::move(asked)),
        images_(find_images(command({}), request_.program, request_.sysroot)),
        program_(images_.images, request_.machine->vector_bits),
        code_(program_) {
    targets_ = find_targets(request_.symbols, images_.images, code_);
    code_.add_place(images_.entry);
    for (const Target& target : targets_) code_.add_function(target.range);
  }

  Profile run(const std::function<void()>& on_attempt, const model::StageListener& on_stage) {
    bool single = false;
    const RewoundInput input;
    for (std::size_t n = 1;; ++n) {
      on_attempt();
      std::string why;
      try {
        return attempt(single, on_stage);
      } catch (const model::TraceNeedsCode& error) {
        if (n == kMostRuns || !code_.add_image(error.address)) throw;
        why = error.what();
      } catch (const model::TraceNeedsSteps& error) {
        if (single)
          throw InputError(std::string(error.what()) + "; if the function runs in several threads, let the program " +
                           "have one (--env OMP_NUM_THREADS=1)");
        single = true;
        why = error.what();
      }
      request_.note("the program runs again: " + why);
      if (!input.rewind())
        request_.note("standard input is a pipe: what the last run read of it is gone; give a file where that matters");
    }
  }

  std::string name_of(std::uint32_t index) const {
    const model::Instruction& i = program_.entry(index).instruction;
    return program_.name_of(i.pc) + ": " + i.text;
  }

 private:
  std::vector<std::string> command(const std::vector<std::string>& log) const {
    std::vector<std::string> words = measure::emulator_command(request_.emulator, request_.machine->vector_bits);
    if (!request_.sysroot.empty()) words.insert(words.end(), {"-L", request_.sysroot});
    // The loader's first look-up of each function would count as a part of the call at hand.
    words.insert(words.end(), {"-E", "LD_BIND_NOW=1"});
    for (const std::string& variable : request_.environment) words.insert(words.end(), {"-E", variable});
    words.insert(words.end(), log.begin(), log.end());
    return words;
  }

  std::vector<std::string> traced_command(bool single) {
    std::string filter = code_.filter();
    if (filter.size() > kLongestFilter) {  // the kernel limits an argument's length
      for (const Target& target : targets_) code_.add_image(target.range.begin);
      filter = code_.filter();
    }
    std::vector<std::string> words =
        command({"-d", "cpu,nochain", "-dfilter", filter, "-D", "/dev/fd/" + std::to_string(measure::kExtraFd)});
    if (single) words.push_back(measure::single_step_option(request_.emulator));
    words.insert(words.end(), request_.program.begin(), request_.program.end());
    return words;
  }

  Profile attempt(bool single, const model::StageListener& on_stage) {
    const KeptOutput output(request_.output_to_error ? STDERR_FILENO : STDOUT_FILENO), errors(STDERR_FILENO);
    measure::ChildOptions options;
    options.extra_pipe = options.own_streams = true;
    options.output = output.fd();
    options.error = request_.output_to_error ? output.fd() : errors.fd();
    measure::ChildProcess child(traced_command(single), options);
    model::EmulatorLog log(child.extra_fd());
    model::TraceBounds bounds;
    for (const Target& target : targets_) bounds.entries.push_back(target.range.begin);
    bounds.first = std::max<std::uint64_t>(request_.first_call, 2) - 1;
    bounds.last = request_.last_call;
    model::EmulatedTrace trace(program_, log, std::move(bounds), single);
    Profile out = replay(trace, on_stage);
    out.every_instruction = single;
    out.complete = !trace.inside();
    if (trace.regions() >= request_.last_call && out.complete) {
      child.finish(std::chrono::milliseconds(0));
      out.ended_by_us = true;
    } else {
      const measure::ChildEnd end = child.finish(std::chrono::hours(1));
      out.by_signal = end.by_signal;
      out.code_or_signal = end.code;
    }
    output.release();
    errors.release();
    if (out.calls == 0) throw_no_call(trace.regions(), log.records_read(), out);
    return out;
  }

  Profile replay(model::EmulatedTrace& trace, const model::StageListener& on_stage) {
    model::CoreModel core(request_.machine);
    CallWindow window(trace);
    Profile out;
    out.symbols.resize(targets_.size());
    if (request_.first_call > 1) {
      window.allow(1);
      core.run(window, [&](const model::Report&) { trace.take_function(); });
    }
    window.allow(UINT64_MAX);
    const auto on_call = [&](const model::Report& call) {
      const std::uint32_t symbol = trace.take_function();
      add_call(out.symbols[symbol], call);
      if (out.listed.size() < request_.listed_calls)
        out.listed.push_back({symbol, request_.first_call + out.calls, call});
      ++out.calls;
      model::add_counts(out.total, call);
    };
    const model::Report all = core.run(window, on_call, on_stage);
    for (std::uint32_t i = 0; i < all.by_instruction.size() && i < program_.size(); ++i) {
      const model::InstructionCost& cost = all.by_instruction[i];
      const model::Instruction& instruction = program_.entry(i).instruction;
      if (cost.executions > 0)
        out.code.push_back({instruction.pc, program_.name_of(instruction.pc), instruction.text, cost});
    }
    std::sort(out.code.begin(), out.code.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
    return out;
  }

  [[noreturn]] void throw_no_call(std::uint64_t calls, std::uint64_t records, const Profile& end) const {
    std::string how = end.by_signal ? " was ended by signal " + std::to_string(end.code_or_signal)
                                    : " ended with exit code " + std::to_string(end.code_or_signal);
    if (records == 0)
      throw InputError(request_.program.front() + how + " and its first instruction was not met where the emulator " +
                       "said it loads it; link the program with -static -no-pie");
    if (calls > 0)
      throw InputError("--calls begins with call " + std::to_string(request_.first_call) + " and there were " +
                       std::to_string(calls) + "; the program" + how);
    std::string names;
    for (const Target& target : targets_) names += (names.empty() ? "" : ", ") + target.name;
    throw InputError(names + (targets_.size() == 1 ? " was" : " were") + " never called; the program" + how +
                     ". A function that the compiler inlined everywhere is not called: build it with noinline");
  }

  ProfileRequest request_;
  ProcessImages images_;
  model::Program program_;
  CodeClosure code_;
  std::vector<Target> targets_;
};

Profiler::Profiler(ProfileRequest request) : impl_(std::make_unique<Impl>(std::move(request))) {}
Profiler::~Profiler() = default;

Profile Profiler::run(const std::function<void()>& on_attempt, const model::StageListener& on_stage) {
  return impl_->run(on_attempt, on_stage);
}

std::string Profiler::name_of(std::uint32_t index) const {
  return impl_->name_of(index);
}

}  // namespace svetune::profile
