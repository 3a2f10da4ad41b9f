#include "scale/formula.hpp"

#include "fuzz_target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    using pinfold::apps::WeakRule;
    const auto rule = accepted([&] { return WeakRule(as_text(data, size)); });
    if (rule) {
        for (const int workers : {1, 2, 1024}) {
            const auto n = accepted([&] { return rule->n(workers); });
            require(!n || *n >= 1, "n is at least 1");
            require(workers != 1 || n, "a rule that was taken has an n for one worker");
        }
    }
    return 0;
}
