// Headers to check.
#include "db/export/check.hpp"
#include "fuzz.hpp"

using namespace svetune;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text(data, size);
  fuzz::refusing([&] {
    const auto why = db::why_stale(text,
                                   "\n#define SVETUNE_CONFIG_FORMAT 2\n#define SVETUNE_CONFIG_DATABASE_SCHEMA 1\n"
                                   "#define SVETUNE_CONFIG_DATABASE \"0123456789abcdef\"\n"
                                   "#define SVETUNE_CONFIG_TUNER_VERSION \"0\"\n#define SVETUNE_CONFIG_ENTRIES 1\n");
    fuzz::require(why.has_value() == (why.value_or("") != ""));
  });
  return 0;
}
