#include <pinfold/engine/detail/algorithms/refusals.hpp>
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

void refuse_other_selection() {
    throw std::logic_error(
        "the predicate keeps other elements when it is called again: it may depend on its "
        "arguments and on its captures alone");
}

}  // namespace pinfold::detail
