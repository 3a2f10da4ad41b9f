#pragma once

#include <vector>

namespace pinfold::detail {

/// The executable and shared objects that are loaded at the moment of its making: code outside of
/// them does not exist in workers that were forked then.
class CodeMap {
  public:
    CodeMap();

    /// Whether `code` lies in one of them. Cost: a search of some ten entries.
    [[nodiscard]] bool contains(const void* code) const noexcept;

  private:
    struct Object {
        const char* begin;
        const char* end;
    };
    std::vector<Object> objects_;
};

}  // namespace pinfold::detail
