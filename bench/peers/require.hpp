#pragma once

#include <cstdlib>
#include <iostream>

namespace bench {

/// Ends the program, naming `what`, unless it is right.
inline void require(bool is_right, const char* what) {
    if (!is_right) {
        std::cerr << "a wrong answer: " << what << '\n';
        std::abort();
    }
}

}  // namespace bench
