// Database files: any bytes are refused, or read to their end and answered from.
#include "db/export/formats.hpp"
#include "db/query.hpp"
#include "fuzz.hpp"

using namespace svetune;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto& file = fuzz::file(fuzz::text(data, size));
  fuzz::refusing([&] {
    const db::Store store(file, db::Store::Mode::read_only, std::chrono::milliseconds(1));
    fuzz::refusing([&] { db::answers(store, parse_problem("4x64x128"), {}, 3); });
    fuzz::refusing([&] { db::export_header(store); });
    store.content_hash();
  });
  return 0;
}
