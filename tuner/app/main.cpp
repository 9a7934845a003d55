#include <malloc.h>

#include "app/application.hpp"

int main(int count, char** words) {
#ifdef M_TRIM_THRESHOLD
  // Each candidate's model takes and frees a few MiB: giving them back to the system costs a third of its time.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
  return svetune::app::run({words + 1, words + count}, svetune::app::this_environment());
}
