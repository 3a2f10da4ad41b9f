// How often each letter occurs in a file. Each chunk counts for itself; the fold adds up.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <pinfold/pinfold.hpp>
#include <span>
#include <string>

struct Counts {
    std::array<std::uint64_t, 256> of{};

    friend Counts operator+(Counts a, const Counts& b) {
        for (std::size_t i = 0; i < a.of.size(); ++i) {
            a.of[i] += b.of[i];
        }
        return a;
    }
};

Counts count(std::span<const char> text) {
    Counts counts;
    for (const char c : text) {
        ++counts.of[static_cast<unsigned char>(std::tolower(static_cast<unsigned char>(c)))];
    }
    return counts;
}

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: histogram FILE\n";
        return EXIT_FAILURE;
    }
    std::ifstream file(argv[1], std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});

    pinfold::Pool pool;
    const Counts counts = pinfold::map_reduce(pool, pool.array(text), count, std::plus<>{}).value;
    const std::uint64_t of_e = counts.of['e'];
    for (char c = 'a'; c <= 'z'; ++c) {
        const std::uint64_t n = counts.of[static_cast<unsigned char>(c)];
        std::cout << c << ' ' << std::string(40 * n / std::max<std::uint64_t>(of_e, 1), '*') << ' '
                  << n << '\n';
    }
}
