#define main word_count_main
#include <tests/word_count/word_count.cpp>
#undef main

#include "peers/phoenix/programs.hpp"
#include "peers/phoenix/seconds.hpp"

namespace bench::phoenix {

TimedWords word_count(char* text, std::uint64_t size) {
    WordsMR program(text, size, 1024 * 1024);
    std::vector<WordsMR::keyval> result;
    TimedWords timed;
    timed.seconds = seconds_of([&] { program.run(result); });
    for (const auto& of : result) {
        timed.found.emplace_back(of.key.data, of.val);
    }
    return timed;
}

}  // namespace bench::phoenix
