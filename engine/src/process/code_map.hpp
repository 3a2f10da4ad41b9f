#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pinfold::detail {

/// The executable and shared objects that are loaded at the moment of its making: what code workers
/// have that are forked then.
class CodeMap {
  public:
    CodeMap();

    /// Throws std::invalid_argument that says why, unless workers have this code: it was loaded,
    /// and is what was loaded, not another object's that took the place of one which was unloaded.
    ///
    /// Cost: a search of some ten entries. For code that can be unloaded also some 40 ns to ask
    /// whether any was, and a few µs when it was.
    void require(const void* code) const;

  private:
    /// One executable segment of an object, and what tells the object from others.
    struct Segment {
        const char* begin = nullptr;
        const char* end = nullptr;
        bool is_of_program = false;  // which is never unloaded
        std::string name;
        std::string identity;
    };
    struct Look;

    [[nodiscard]] const Segment* segment_of(const void* code) const noexcept;

    std::vector<Segment> segments_;
    std::uint64_t unloads_ = 0;  // of all objects, up to its making
};

}  // namespace pinfold::detail
