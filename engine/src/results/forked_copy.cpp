#include <unistd.h>

#include <pinfold/engine/detail/chunk_row.hpp>

namespace pinfold::detail {

// In a source of its own: each map calls it, and a plug-in that is linked to a static library holds
// nothing else of it then, which might keep the loader from ever unloading it.
void end_forked_copy() noexcept {
    _exit(0);
}

}  // namespace pinfold::detail
