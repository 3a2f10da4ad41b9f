// A oneTBB reduction of which one body crashes.
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_reduce.h>

#include <csignal>
#include <cstdio>
#include <functional>

int main() {
    const int sum = oneapi::tbb::parallel_reduce(
        oneapi::tbb::blocked_range<int>(0, 100), 0,
        [](const auto& range, int part) {
            for (int n = range.begin(); n < range.end(); ++n) {
                if (n == 37) {
                    std::raise(SIGSEGV);
                }
                part += n;
            }
            return part;
        },
        std::plus<>{});
    std::printf("the sum is %d\n", sum);
}
