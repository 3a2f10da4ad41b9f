// Which of many random integers in [10^3, 10^6] are prime: by a call that waits for all answers,
// and by one that returns at once, so that the program does something else meanwhile.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <random>
#include <vector>

bool is_prime(int n) {
    for (int d = 2; d * d <= n; ++d) {
        if (n % d == 0) {
            return false;
        }
    }
    return n >= 2;
}

int main(int argc, char** argv) {
    const long count = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 100'000;
    if (argc > 2 || count < 1 || count > 100'000'000) {
        std::cerr << "usage: primality [COUNT, at most 100000000]\n";
        return EXIT_FAILURE;
    }
    std::mt19937 random(42);
    std::uniform_int_distribution<int> any(1'000, 1'000'000);
    std::vector<int> numbers(static_cast<std::size_t>(count));
    std::ranges::generate(numbers, [&] { return any(random); });

    pinfold::Pool pool;
    // A test takes less than a microsecond, so a task has 500 of them.
    const std::vector<bool> waited_for = pool.map(is_prime, numbers, {.grain = 500}).get();

    auto batch = pool.map(is_prime, numbers, {.grain = 500});
    const auto [least, greatest] = std::ranges::minmax(numbers);
    std::cout << count << " integers from " << least << " to " << greatest << '\n';
    const std::vector<bool> came_later = batch.get();

    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (waited_for[i] != is_prime(numbers[i]) || came_later[i] != waited_for[i]) {
            std::cerr << "primality: wrong for " << numbers[i] << '\n';
            return EXIT_FAILURE;
        }
    }
    std::cout << std::ranges::count(came_later, true) << " of them are prime, by both calls\n";
}
