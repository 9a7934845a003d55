// Runners, whose object code is hashed.
#include "measure/kernel_image.hpp"

#include "fuzz.hpp"

using namespace svetune;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto& file = fuzz::file(fuzz::text(data, size));
  fuzz::refusing([&] {
    const auto image = measure::KernelImage::read(file);
    const auto whole = image->whole();
    fuzz::require(image->hash_of(whole.functions) == whole.hash);
    for (std::uint64_t place = 0; place < 256; place += 16) {
      const auto code = image->code_of({{place}}, 0);
      if (code) fuzz::require(image->hash_of(code->functions) == code->hash);
    }
  });
  return 0;
}
