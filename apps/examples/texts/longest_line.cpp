// Your own kernel on your own data: how many lines a file has, and how long the longest one is.
// Chunks cut lines in two, so the kernel keeps what hangs over at both ends, and the fold, which
// sees the chunks in their order, joins them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <span>

struct Lines {
    std::uint64_t ends = 0;  // line ends seen
    std::uint64_t head = 0;  // characters before the first line end; all of them if there is none
    std::uint64_t tail = 0;  // characters after the last line end; all of them if there is none
    std::uint64_t longest = 0;  // among the lines that lie wholly inside
};

Lines scan(std::span<const char> text) {
    Lines lines;
    for (const char c : text) {
        if (c != '\n') {
            ++lines.tail;
        } else {
            if (lines.ends == 0) {
                lines.head = lines.tail;
            } else {
                lines.longest = std::max(lines.longest, lines.tail);
            }
            ++lines.ends;
            lines.tail = 0;
        }
    }
    if (lines.ends == 0) {
        lines.head = lines.tail;
    }
    return lines;
}

Lines join(const Lines& a, const Lines& b) {
    Lines both;
    both.ends = a.ends + b.ends;
    both.head = a.ends == 0 ? a.head + b.head : a.head;
    both.tail = b.ends == 0 ? a.tail + b.tail : b.tail;
    both.longest = std::max(a.longest, b.longest);
    if (a.ends != 0 && b.ends != 0) {
        both.longest = std::max(both.longest, a.tail + b.head);
    }
    return both;
}

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: longest_line FILE\n";
        return EXIT_FAILURE;
    }
    const std::size_t size = std::filesystem::file_size(argv[1]);

    pinfold::Pool pool;                  // first: forking beside little memory is cheap
    auto text = pool.array<char>(size);  // then the data, where every worker sees it
    std::ifstream(argv[1], std::ios::binary).read(text.data(), static_cast<std::streamsize>(size));

    const Lines all = pinfold::map_reduce(pool, text, scan, join).value;
    std::cout << all.ends << " lines, the longest has "
              << std::max({all.longest, all.head, all.tail}) << " characters\n";
}
