// A pipeline of three stages. Lines are read from a file and cleared of what is too much in them,
// side by side; then each that is left gets its number and is written, in order, while the next
// ones are worked on.
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <string_view>
#include <vector>

// Words with one space between them.
std::string cleared(std::string_view line) {
    std::string words;
    bool is_between = false;
    for (const char letter : line) {
        if (std::isspace(static_cast<unsigned char>(letter)) != 0) {
            is_between = !words.empty();
        } else {
            words += is_between ? " " : "";
            words += letter;
            is_between = false;
        }
    }
    return words;
}

void number_lines(const std::string& path, std::ostream& out) {
    pinfold::Pool pool;
    std::uint64_t number = 0;
    pinfold::stream(
        pool, pinfold::Lines(pool.file(path)),
        [](const pinfold::ChunkLines& lines) {
            std::vector<std::string> kept;
            for (const std::string_view line : lines) {
                if (std::string words = cleared(line); !words.empty()) {
                    kept.push_back(std::move(words));
                }
            }
            return kept;
        },
        [&](const std::vector<std::string>& kept) {
            for (const std::string& line : kept) {
                out << ++number << ' ' << line << '\n';
            }
        },
        {.look_ahead = 64});
}

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: pipeline FILE\n";
        return EXIT_FAILURE;
    }
    number_lines(argv[1], std::cout);
}
