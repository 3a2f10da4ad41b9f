#include "harness/phoenix.hpp"

namespace bench {

MakeRunner phoenix_program(Phoenix) {
    return {};
}

}  // namespace bench
