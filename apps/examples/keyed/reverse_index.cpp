// Where each word of many files stands: an index, of which one word is looked up.
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <span>
#include <string>

using Index = pinfold::Groups<std::string, pinfold::TextPlace>;

Index index_of(pinfold::Pool& pool, const pinfold::Files& files) {
    return pinfold::group_by<std::string, pinfold::TextPlace>(
               pool, pinfold::Words(files),
               [](const pinfold::ChunkWords& words, auto& emit) {
                   for (auto word = words.begin(); word != words.end(); ++word) {
                       emit(*word, word.place());
                   }
               })
        .value;
}

void print_places(const std::string& word, std::span<char* const> paths) {
    pinfold::Pool pool;
    const pinfold::Files files = pool.files(paths);
    const Index index = index_of(pool, files);
    std::cout << index.size() << " words\n";
    for (const pinfold::TextPlace& place : index.find(word)) {
        const std::filesystem::path path(files[place.file].path());
        std::cout << path.filename().string() << ", byte " << place.offset << '\n';
    }
}

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: reverse_index WORD FILE...\n";
        return EXIT_FAILURE;
    }
    try {
        print_places(argv[1], std::span(argv, static_cast<std::size_t>(argc)).subspan(2));
    } catch (const std::exception& e) {
        std::cerr << "reverse_index: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
