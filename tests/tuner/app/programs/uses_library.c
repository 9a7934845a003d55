#include <stdio.h>
long spin(long n);
int main(void) {
  for (long n = 1; n <= 4; ++n) spin(100 * n);
  puts("spun");
  return 0;
}
