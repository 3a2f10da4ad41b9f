// How often a text stands in a file, and where it stands first. The file is read in place, and a
// chunk also sees what follows it, so that no border cuts the text in two.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <limits>
#include <pinfold/pinfold.hpp>
#include <string>
#include <string_view>

struct Matches {
    std::uint64_t count = 0;
    std::uint64_t first = std::numeric_limits<std::uint64_t>::max();

    friend Matches operator+(const Matches& a, const Matches& b) {
        return {a.count + b.count, std::min(a.first, b.first)};
    }
};

Matches matches(const std::string& path, const std::string& wanted) {
    pinfold::Pool pool;
    const auto needle = pool.array(wanted);  // what a map captures lies where workers see it
    const auto text = pool.file(path).as<char>();
    return pinfold::map_reduce(
               pool, pinfold::Neighbours(text, 0, needle.size() - 1),
               [needle](const pinfold::Neighbourhood<char>& near, const pinfold::Chunk& chunk) {
                   const std::string_view all(near.all().data(), near.all().size());
                   const std::string_view part(needle.data(), needle.size());
                   Matches found;
                   for (auto at = all.find(part); at != all.npos; at = all.find(part, at + 1)) {
                       found = found + Matches{1, chunk.begin + at};
                   }
                   return found;
               },
               std::plus<>{})
        .value;
}

int main(int argc, char** argv) {
    if (argc != 3 || argv[2][0] == '\0') {
        std::cerr << "usage: string_match FILE TEXT\n";
        return EXIT_FAILURE;
    }
    try {
        const Matches found = matches(argv[1], argv[2]);
        std::cout << found.count << " times";
        if (found.count > 0) {
            std::cout << ", first at byte " << found.first;
        }
        std::cout << '\n';
    } catch (const std::exception& e) {
        std::cerr << "string_match: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
