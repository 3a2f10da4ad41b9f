#include <limits>
#include <new>
#include <pinfold/shm/array.hpp>

namespace pinfold::shm::detail {

void* allocate_elements(Arena& arena, std::size_t size, std::size_t element_bytes,
                        std::size_t alignment) {
    if (size > std::numeric_limits<std::size_t>::max() / element_bytes) {
        throw std::bad_array_new_length();
    }
    return arena.allocate(size * element_bytes, alignment);
}

}  // namespace pinfold::shm::detail
