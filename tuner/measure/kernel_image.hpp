// The object code of candidates, read from the runner's file: hashes that tell changed kernels from unchanged ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace svetune::measure {

// What an evaluation keeps of its candidate's code.
struct KernelCode {
  std::string hash;       // 16 hexadecimal digits
  std::string functions;  // that it covers: a name's hash each, sorted, separated by spaces; "*": every function
};

// The functions of the section of timed calls (runner/svetune_text.ld), each with a hash of its instructions that does
// not depend on where the linker has put it, its callees or its constants: places of other functions count by name,
// loads from constant data by what is loaded. A commit that moves a kernel leaves its hash, one that changes an
// instruction, a constant, or a function that is called does not.
class KernelImage {
 public:
  // Throws InputError: no aarch64 program, no such section, or stripped of symbols or relocations.
  static std::shared_ptr<const KernelImage> read(const std::filesystem::path& file);

  // Of the functions at `places` and all that they reach by direct calls, and of the function at `call` alone (0:
  // none): its other branches refuse arguments, and are of no candidate. Nothing where a place is in no function.
  std::optional<KernelCode> code_of(std::span<const std::uint64_t> places, std::uint64_t call) const;
  // The present hash of the functions of a stored KernelCode; nothing where one of them is gone.
  std::optional<std::string> hash_of(std::string_view functions) const;
  // Every function: what a candidate is judged by whose run did not tell which it reached.
  KernelCode whole() const;

 private:
  struct Function {
    std::uint64_t begin = 0, end = 0;
    std::string name;  // "gemm.cpp:NAME#2" where it is local: the third of that name
    std::uint64_t content = 0;
    std::vector<std::uint64_t> callees;  // places
  };
  class Reader;

  const Function* at(std::uint64_t place) const;
  std::string combined(const std::map<std::string, std::uint64_t>& contents) const;

  std::vector<Function> functions_;                          // by address
  std::unordered_map<std::string, std::uint64_t> contents_;  // by the hash of the name
};

}  // namespace svetune::measure
