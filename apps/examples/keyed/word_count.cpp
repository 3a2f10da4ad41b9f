// The five most frequent words of a file. A map gets the text of a chunk, and emits each word with
// a 1; the engine adds them up, word by word.
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <string_view>

void print_most_frequent(const char* path) {
    pinfold::Pool pool;
    const auto counts = pinfold::map_reduce_by_key(
        pool, pinfold::Words(pool.file(path)),
        [](std::string_view text, auto& emit) {
            for (const std::string_view word : pinfold::words(text)) {
                emit(word, 1U);  // the characters stay where they are
            }
        },
        std::plus<>{});
    std::cout << counts.value.size() << " different words\n";
    for (const auto& [word, count] : counts.value.top(5)) {
        std::cout << count << ' ' << word << '\n';
    }
}

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: word_count FILE\n";
        return EXIT_FAILURE;
    }
    try {
        print_most_frequent(argv[1]);
    } catch (const std::exception& e) {
        std::cerr << "word_count: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
