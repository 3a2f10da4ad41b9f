#include <pinfold/engine/detail/algorithms/refusals.hpp>
#include <pinfold/shm/file_space.hpp>
#include <stdexcept>
#include <string>

namespace pinfold::detail {

void check_runs_all_chunks(const char* what, const JobSettings& settings) {
    if (settings.on_poison == OnPoison::skip) {
        throw std::invalid_argument(std::string(what) +
                                    " leaves no chunk out, since what comes behind it would be "
                                    "wrong: OnPoison::skip is not for it");
    }
    if (!settings.journal.file.empty()) {
        throw std::invalid_argument(std::string(what) +
                                    " has no results of chunks that a journal could keep: run it "
                                    "without the journal " +
                                    settings.journal.file);
    }
}

void check_same_size(std::size_t keys, std::size_t values) {
    if (keys != values) {
        throw std::invalid_argument("there are " + std::to_string(keys) + " keys and " +
                                    std::to_string(values) + " values");
    }
}

void check_outputs_apart(std::span<const std::byte> keys, std::span<const std::byte> values) {
    const bool overlap =
        keys.data() < values.data() + values.size() && values.data() < keys.data() + keys.size();
    if (!keys.empty() && (overlap || shm::overlap_in_a_file(keys, values))) {
        throw std::invalid_argument("the output of the keys overlaps that of the values");
    }
}

void refuse_negative(std::int64_t elements) {
    throw std::invalid_argument("the number of elements wanted is negative: " +
                                std::to_string(elements));
}

void refuse_other_selection() {
    throw std::logic_error(
        "the predicate keeps other elements when it is called again: it may depend on its "
        "arguments and on its captures alone");
}

}  // namespace pinfold::detail
