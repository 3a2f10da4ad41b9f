// Instead of fork_union_runner.cpp, where a build has no ForkUnion.

#include "harness/runners.hpp"

namespace bench {

MakeRunner fork_union(int /*threads*/) {
    return {};
}

}  // namespace bench
