// A program for journal_test to kill: it runs the first chunks of the test's job and hangs in each
// of the others. Arguments: crew, journal.

#include <unistd.h>

#include <functional>

#include "crews.hpp"
#include "journal_job.hpp"

int main(int, char** arguments) {
    using namespace pinfold;
    Pool pool = testing::make_pool(parse_crew(arguments[1]), 2);
    map_reduce(
        pool, testing::journal_range, testing::Empty{},
        [](const testing::Empty&, const Chunk& chunk) {
            while (chunk.index >= testing::journal_chunks_of_host) {
                pause();
            }
            return testing::term(chunk);
        },
        std::plus<>{}, testing::journal_options(arguments[2]));
}
