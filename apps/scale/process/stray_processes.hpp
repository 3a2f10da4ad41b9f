#pragma once

namespace pinfold::apps {

/// Makes this process the one to which processes fall whose parent has ended: descendants that a
/// run left behind. Throws std::system_error.
void adopt_stray_processes();

/// Kills and reaps all children of this process, and those that fall to it meanwhile. Returns how
/// many it killed. What does not die within two seconds, since the system holds it, is left.
int end_stray_processes();

}  // namespace pinfold::apps
