// What each library of pinfold says it was built with; see api.hpp. A program may link several of them,
// so the names are weak.
#include <pinfold/api.hpp>

namespace pinfold::detail {

[[gnu::weak]] char PINFOLD_DEBUG_MODE = 0;
[[gnu::weak]] char PINFOLD_STRING_ABI = 0;

}  // namespace pinfold::detail
