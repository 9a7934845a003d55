// svetune-runner MODE: requests on standard input, an answer line each on standard output (docs/architecture.md).
#include <exception>
#include <iostream>
#include <string>

#include "runner/modes.hpp"

namespace {

std::unique_ptr<svetune::Mode> make_mode(const std::string& name) {
  if (name == "verify") return svetune::make_verify();
  if (name == "counters") return svetune::make_counters();
  if (name == "clock") return svetune::make_clock();
  if (name == "trace") return svetune::make_trace();
  return nullptr;
}

std::string answer(svetune::Mode& mode, const std::string& line) {
  try {
    return mode.answer(svetune::parse_request(line));
  } catch (const svetune::InputError& error) {
    return svetune::field("status", "rejected") + svetune::field("detail", error.what());
  } catch (const std::bad_alloc&) {
    return svetune::field("status", "rejected") + svetune::field("detail", "not enough memory for this problem");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::string name = argc == 2 ? argv[1] : "";
  if (name == "describe") {
    std::cout << svetune::describe().substr(1) << std::endl;  // fields alone: there is no request
    return 0;
  }
  const auto mode = make_mode(name);
  if (mode == nullptr) {
    std::cerr << "svetune-runner: give one mode: describe, verify, counters, clock or trace\n";
    return 2;
  }
  for (std::string line; std::getline(std::cin, line);)
    std::cout << svetune::request_id(line) << answer(*mode, line) << std::endl;
  return 0;
}
