#include "app/application.hpp"

int main(int count, char** words) {
  return svetune::app::run({words + 1, words + count}, svetune::app::this_environment());
}
