// The words of many files. A file that cannot be read is a result, with its reason, and not the end
// of the job.
#include <cctype>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>  // results with strings and vectors
#include <span>
#include <string>
#include <vector>

struct Outcome {
    std::uint64_t files = 0;
    std::uint64_t words = 0;
    std::vector<std::string> errors;
};

Outcome operator+(Outcome a, const Outcome& b) {
    a.files += b.files;
    a.words += b.words;
    a.errors.insert(a.errors.end(), b.errors.begin(), b.errors.end());
    return a;
}

Outcome look_at(const pinfold::InputFile& file) {
    try {
        Outcome outcome{.files = 1};
        bool is_in_word = false;
        for (const char c : file.text()) {
            const bool is_space = std::isspace(static_cast<unsigned char>(c)) != 0;
            outcome.words += !is_space && !is_in_word ? 1 : 0;
            is_in_word = !is_space;
        }
        return outcome;
    } catch (const std::exception& e) {
        return {.errors = {e.what()}};
    }
}

int main(int argc, char** argv) {
    pinfold::Pool pool;
    const auto files = pool.files(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    const Outcome all =
        pinfold::transform_reduce(pool, files, Outcome{}, std::plus<>{}, look_at).value;
    std::cout << all.words << " words in " << all.files << " files\n";
    for (const std::string& error : all.errors) {
        std::cout << error << '\n';
    }
}
