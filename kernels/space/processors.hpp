// Processors by their identification register.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace svetune {

// "a64fx", "neoverse-v1", ...; "midr 0x413fd0c0" where it has no name here, which processor_midr() reads back.
std::string processor_name(std::uint64_t midr);
// Implementer and part of a name's MIDR_EL1, as (midr & 0xff00fff0); 0 where it is not known.
std::uint32_t processor_midr(std::string_view name);

}  // namespace svetune
