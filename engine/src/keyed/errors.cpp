#include <pinfold/engine/detail/keyed/emitter.hpp>
#include <pinfold/engine/detail/keyed/key_kinds.hpp>
#include <pinfold/engine/detail/keyed/table_view.hpp>
#include <pinfold/engine/keyed/errors.hpp>
#include <stdexcept>

namespace pinfold {

TooManyKeys::TooManyKeys(std::uint64_t keys, std::size_t table_bytes, std::size_t waiting_bytes,
                         const std::string& limit)
    : std::runtime_error(
          "the keyed job has too many keys for the pool's memory: " + std::to_string(keys) +
          " keys in a table of " + std::to_string(table_bytes) + " bytes, " +
          std::to_string(waiting_bytes) + " bytes of chunks to be merged, and " + limit +
          "; make the pool with more arena_bytes, or emit fewer keys"),
      keys_(keys),
      table_bytes_(table_bytes),
      waiting_bytes_(waiting_bytes) {}

void detail::refuse_lost_pairs() {
    throw std::logic_error(
        "an emit threw, and the map caught that and went on: what it emitted before may be lost");
}

void detail::refuse_key_of_map() {
    throw std::domain_error(
        "the table has a key that is no number, with which a std::map loses other keys: iterate, "
        "or "
        "take sorted()");
}

void detail::refuse_missing_key() {
    throw std::out_of_range("the table has no such key");
}

}  // namespace pinfold
