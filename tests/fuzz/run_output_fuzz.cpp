// The input is what some program printed.

#include "scale/run_output.hpp"

#include "fuzz_target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    using namespace pinfold::apps;
    constexpr std::size_t longest_value = 100;
    const RunOutput output = read_output(as_text(data, size), false);
    require(output.value.size() <= longest_value, "a long value is a digest");
    require(output.has_report || (!output.chunks && !output.job_seconds && !output.method),
            "only a report tells of the job");
    ValueCheck check;
    const Configuration configuration{.command = {"a"}};
    require(check.take(configuration, output, "run 1").empty() &&
                check.take(configuration, output, "run 2").empty(),
            "equal outputs agree");
    return 0;
}
