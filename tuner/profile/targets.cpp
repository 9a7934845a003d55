#include "profile/targets.hpp"

#include <cxxabi.h>

#include <charconv>
#include <cstdlib>
#include <memory>

#include "space/problem.hpp"

namespace svetune::profile {
namespace {

std::string demangled(const std::string& name) {
  if (!name.starts_with("_Z")) return name;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                         &std::free);
  return text == nullptr ? name : text.get();
}

FoundSymbol find_demangled(const std::vector<model::LoadedImage>& images, const std::string& name) {
  std::vector<std::string> found;
  FoundSymbol out;
  for (const model::LoadedImage& image : images) {
    for (const model::Symbol& symbol : image.image->functions()) {
      const std::string full = demangled(symbol.name);
      if (full == symbol.name || (full != name && full.substr(0, full.find('(')) != name)) continue;
      if (full == name) return {&image, &symbol};
      found.push_back(full);
      out = {&image, &symbol};
    }
  }
  if (found.size() > 1)
    throw InputError("the symbol '" + name + "' may be " + found[0] + " or " + found[1] + "; give its parameters too");
  return out;
}

bool parse_hex(std::string_view text, std::uint64_t& number) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

Target by_address(const std::string& name, const model::LoadedImage& program) {
  const std::size_t plus = name.find('+');
  std::uint64_t address = 0, size = 0;
  if (plus == std::string::npos || !parse_hex(name.substr(0, plus), address) ||
      !parse_hex(name.substr(plus + 1), size) || size == 0)
    throw InputError("'" + name + "' is no place in a program; write 0xADDRESS+SIZE, as 0x400580+0x40");
  if (address % 4 != 0 || !program.image->word(address) || !program.image->word(address + size - 4))
    throw InputError("'" + name + "' is no code of " + program.image->path() +
                     "; addresses are those of the file, as objdump -d shows them, and multiples of 4");
  return {name, {address + program.bias, address + size + program.bias}};
}

// Symbols that hold the name, for the message.
std::string similar(const std::vector<model::LoadedImage>& images, const std::string& name) {
  std::string out;
  unsigned count = 0;
  for (const model::LoadedImage& image : images) {
    for (const model::Symbol& symbol : image.image->functions()) {
      if (symbol.name.find(name) == std::string::npos || ++count > 5) continue;
      out += (out.empty() ? "" : ", ") + symbol.name;
    }
  }
  return out.empty() ? out : " (there are " + out + ")";
}

Target by_name(const std::string& name, const std::vector<model::LoadedImage>& images, const CodeClosure& code) {
  FoundSymbol found = find_symbol(images, name);
  if (found.symbol == nullptr) found = find_demangled(images, name);
  if (found.symbol == nullptr) {
    throw InputError("no symbol '" + name + "' in " + images.front().image->path() + " and the libraries that it is " +
                     "linked with" + similar(images, name) +
                     "; nm and c++filt list symbols, 0xADDRESS+SIZE names code of a stripped program, and " +
                     "--env LD_PRELOAD=FILE brings in a library that is opened later");
  }
  const std::uint64_t address = found.symbol->address + found.image->bias;
  if (!found.image->image->word(found.symbol->address))
    throw InputError("the symbol '" + name + "' is no code; name a function");
  if (found.symbol->chosen_at_run_time)
    throw InputError("the loader chooses among several functions for '" + name + "' (an IFUNC)" +
                     similar(images, name) + "; name one of them, or 0xADDRESS+SIZE");
  return {name, code.function_at(address)};
}

}  // namespace

std::vector<Target> find_targets(const std::vector<std::string>& names, const std::vector<model::LoadedImage>& images,
                                 const CodeClosure& code) {
  std::vector<Target> out;
  for (const std::string& name : names) {
    out.push_back(name.starts_with("0x") ? by_address(name, images.front()) : by_name(name, images, code));
    for (std::size_t i = 0; i + 1 < out.size(); ++i) {
      if (out[i].range.begin == out.back().range.begin)
        throw InputError("--symbol names " + out[i].name + " and " + name + ", which are the same code; name it once");
    }
  }
  return out;
}

}  // namespace svetune::profile
