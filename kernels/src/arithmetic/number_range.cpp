#include "arithmetic/number_range.hpp"

#include <algorithm>
#include <stdexcept>

namespace pinfold::kernels {

std::string decimal(uint128 n) {
    std::string digits;
    do {
        digits.push_back(static_cast<char>('0' + static_cast<int>(n % 10)));
        n /= 10;
    } while (n != 0);
    std::reverse(digits.begin(), digits.end());
    return digits;
}

void require_range(std::uint64_t begin, uint128 end) {
    if (end < begin) {
        throw std::invalid_argument("the end " + decimal(end) + " lies below the begin " +
                                    decimal(begin));
    }
    if (end > two_to_64) {
        throw std::invalid_argument("the end " + decimal(end) + " is above 2^64");
    }
}

}  // namespace pinfold::kernels
