// Needs the C++, OpenMP and GCC runtimes: streams, threads, and an exception that is caught.
#include <iostream>
#include <numeric>
#include <omp.h>
#include <stdexcept>
#include <vector>

static long check(long sum) {
  if (sum != 500000500000) throw std::runtime_error("wrong sum");
  throw std::out_of_range("as expected");
}

int main() {
  std::vector<long> numbers(1000000);
  std::iota(numbers.begin(), numbers.end(), 1);
  long sum = 0;
  int threads = 0;
  omp_set_num_threads(4);
#pragma omp parallel reduction(+ : sum)
  {
#pragma omp single
    threads = omp_get_num_threads();
#pragma omp for
    for (std::size_t i = 0; i < numbers.size(); i++) sum += numbers[i];
  }
  try {
    check(sum);
  } catch (const std::out_of_range &error) {
    std::cout << "sum " << sum << " by " << threads << " threads, " << error.what() << std::endl;
    return 0;
  }
  return 1;
}
