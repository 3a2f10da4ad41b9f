#pragma once

#include <pinfold/api.hpp>

namespace pinfold {

/// What becomes of the tasks that are not done when a pool takes no more of them.
enum class Shutdown {
    wait,            ///< all of them run to their end
    cancel_pending,  ///< those that have not started end with Cancelled; the others run to their
                     ///< end
    kill,  ///< those that run end with Cancelled too, and their workers are killed; Crew::processes
};

}  // namespace pinfold
