// The model against cycles measured on an A64FX (tests/golden/measured-a64fx.csv: published, not ours).
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "fixture.hpp"

namespace svetune::app {
namespace {

TEST(Reproduce, RowsAreWithinTheirBounds) {
  const Ran ran =
      run_with("svetune-runner", {"reproduce", "--measured", SVETUNE_GOLDEN "/measured-a64fx.csv", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  ASSERT_EQ(json["rows"].size(), 7U);
  for (const auto& row : json["rows"]) {
    const std::string approach = row["approach"];
    const bool gemm = approach == "pure_gemm" || approach == "pass2_load_p_gemm";
    const double accepted = row["measured_cycles"].is_null() ? 15 : gemm ? 3 : 10;
    EXPECT_LE(std::abs(row["error_percent"].get<double>()), accepted) << row.dump();
  }
  EXPECT_LE(json["mean_absolute_error_percent"].get<double>(), 5);
}

}  // namespace
}  // namespace svetune::app
