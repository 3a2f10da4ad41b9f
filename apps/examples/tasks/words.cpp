#include <iostream>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>

int vowels(const std::string& word) {
    return static_cast<int>(
        std::ranges::count_if(word, [](char c) { return std::string("aeiou").find(c) < 5; }));
}

int main() {
    pinfold::Pool pool;
    const std::vector<std::string> words{"queue", "pool", "rhythm", "worker"};
    for (int count : pool.map(vowels, words)) {
        std::cout << count << '\n';
    }
    // Several inputs, several items a task, and all results at once.
    const std::vector<int> weights{1, 2, 3, 4};
    const std::vector<int> scores =
        pool.map([](const std::string& w, int weight) { return vowels(w) * weight; }, words,
                 weights, {.grain = 2})
            .get();
    std::cout << scores.back() << '\n';
}
