#pragma once

#include <stdexcept>
#include <string>

namespace pinfold::testing {

/// Does not cross in the one direction or the other when it is told so.
struct Fragile {
    std::string text;
    bool is_unreadable = false;
    bool is_unwritable = false;

    template <typename Archive>
    void save(Archive& archive) const {
        archive(text, is_unreadable);
        if (is_unwritable) {
            throw std::runtime_error("unwritable");
        }
    }
    template <typename Archive>
    void load(Archive& archive) {
        archive(text, is_unreadable);
        if (is_unreadable) {
            throw std::runtime_error("unreadable");
        }
    }
};

}  // namespace pinfold::testing
