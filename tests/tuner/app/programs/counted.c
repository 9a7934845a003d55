// Functions whose executed instructions are known by counting: their loops are written in assembly.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// 1 + 3 n + 1 instructions: mov, n times (add, subs, b.ne), ret.
long count(long n);
__asm__(
    ".text\n.globl count\n.type count, %function\n"
    "count: mov x1, #0\n"
    "1: add x1, x1, #1\n"
    "subs x0, x0, #1\n"
    "b.ne 1b\n"
    "ret\n"
    ".size count, .-count\n");

// fib(n) calls itself 2 fib(n+1) - 1 times in all, counting the first call.
__attribute__((noinline)) long fib(long n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

__attribute__((noinline)) void copies(char* to, const char* from, size_t bytes) {
  memcpy(to, from, bytes);
}

__attribute__((noinline)) long through_pointer(long (*f)(long), long n) {
  return f(n) + 1;
}

__attribute__((noinline)) void says(const char* text) {
  ssize_t ignored = write(1, text, strlen(text));
  (void)ignored;
}

struct node {
  struct node* next;
};
__attribute__((noinline)) struct node* chase(struct node* at) {  // two dependent loads in a block
  __asm__ volatile("" ::: "memory");
  return at->next->next->next->next;
}

// Two instructions; every call of the loop in main finds the same registers.
void same(void);
__asm__(
    ".globl same\n.type same, %function\n"
    "same: nop\n"
    "ret\n"
    ".size same, .-same\n");

__attribute__((noinline)) long crashes(volatile long* p) {
  return *p;
}

__attribute__((noinline)) void never(void) {
  __asm__ volatile("nop");
}

int main(int argc, char** argv) {
  static char from[1000], to[1000];
  static struct node ring[4] = {{&ring[1]}, {&ring[2]}, {&ring[3]}, {&ring[0]}};
  volatile long n = argc > 2 ? atol(argv[2]) : 10;
  const char* what = argc > 1 ? argv[1] : "count";
  long sum = 0;
  if (!strcmp(what, "count"))
    for (int i = 0; i < 3; ++i) sum += count(n + i);
  if (!strcmp(what, "fib")) sum = fib(n);
  if (!strcmp(what, "copies")) copies(to, from, 1000);
  if (!strcmp(what, "pointer")) sum = through_pointer(count, n);
  if (!strcmp(what, "says")) says("said\n");
  if (!strcmp(what, "chase"))
    for (int i = 0; i < 5; ++i) sum += chase(ring) == ring;
  if (!strcmp(what, "same"))
    for (volatile long i = 0; i < n; ++i) same();
  if (!strcmp(what, "crash")) {
    count(n);
    crashes((volatile long*)(n - 10));
  }
  if (!strcmp(what, "echo")) {
    char line[100];
    if (fgets(line, sizeof line, stdin)) fputs(line, stdout);
    count(n);
  }
  if (n == 12345) never();
  printf("sum %ld\n", sum);
  return (int)(n & 63);
}
