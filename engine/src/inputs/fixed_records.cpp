#include <pinfold/engine/inputs/fixed_records.hpp>
#include <stdexcept>
#include <string>

namespace pinfold::detail {

void check_record_bytes(std::uint64_t all_bytes, std::size_t record_bytes) {
    if (record_bytes == 0) {
        throw std::invalid_argument("a record has no bytes");
    }
    if (all_bytes % record_bytes != 0) {
        throw std::invalid_argument("the input has " + std::to_string(all_bytes) +
                                    " bytes, which is no multiple of a record's " +
                                    std::to_string(record_bytes));
    }
}

}  // namespace pinfold::detail
