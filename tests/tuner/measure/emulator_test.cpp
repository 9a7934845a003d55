#include "measure/emulator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "space/problem.hpp"

namespace svetune::measure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(std::string_view requested, std::string_view search_path) {
  try {
    find_emulator(requested, search_path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Emulator, OneCommandForEachVectorLength) {
  EXPECT_THAT(emulator_command("/bin/q", 512), ElementsAre("/bin/q", "-cpu", "a64fx"));
  EXPECT_THAT(emulator_command("/bin/q", 256),
              ElementsAre("/bin/q", "-cpu", "max,sve256=on,sve-default-vector-length=32"));
  EXPECT_THAT(emulator_command("/bin/q", 128),
              ElementsAre("/bin/q", "-cpu", "max,sve128=on,sve-default-vector-length=16"));
  EXPECT_THROW(emulator_command("/bin/q", 1024), InputError);
}

TEST(Emulator, IsFoundByNameAndByPath) {
  EXPECT_EQ(find_emulator("sh", "/nowhere::/bin"), "/bin/sh");
  EXPECT_EQ(find_emulator("/bin/sh", ""), "/bin/sh");
}

TEST(Emulator, ItsAbsenceNamesTheRemedy) {
  EXPECT_THAT(error_of("", "/nowhere:"), HasSubstr("qemu-user"));
  EXPECT_THAT(error_of("/nowhere/qemu", "/bin"), HasSubstr("--emulator"));
  EXPECT_THAT(error_of("/etc/passwd", "/bin"), HasSubstr("not an executable"));
}

}  // namespace
}  // namespace svetune::measure
