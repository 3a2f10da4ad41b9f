#include "shared_site.hpp"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace chaos {

namespace {

constexpr std::size_t notes_at_a_time = 16;
constexpr std::size_t parcels_at_a_time = 6;

}  // namespace

Site::Site(const pinfold::Space& space)
    : notes(space, notes_at_a_time),
      parcels(space, parcels_at_a_time),
      pipe(pinfold::make_pipe<Note>(space, notes_at_a_time)),
      hits(space, 0),
      pairs(space),
      mutex(space),
      recursive(space),
      many(space),
      array(space, 3),
      signals(space),
      bounded(space, permits),
      barrier(space, 2),
      event(space),
      items_mutex(space),
      items_changed(space),
      lines(space.arena(), most_lines),
      marks(space.arena(), std::size_t{most_lines} * most_parcels),
      told(space.arena(), most_told),
      the_accounts(space.arena(), 1),
      at_work(space.arena(), 1) {}

void Site::tell_fault(const std::string& text) const {
    Accounts& all = accounts();
    if (!all.has_fault.exchange(true)) {
        text.copy(all.fault.data(), all.fault.size() - 1);
        std::fprintf(stderr, "shared_chaos: %s\n", text.c_str());  // also if it hangs after that
    }
}

bool Site::is_there(std::uint32_t line) const {
    return kill(lines[line].pid, 0) == 0 || errno != ESRCH;
}

std::uint64_t word_of(std::uint32_t line, std::uint32_t number, std::size_t i) {
    return (std::uint64_t{line} << 32 | number) * 0x9e3779b97f4a7c15 + i;
}

}  // namespace chaos
