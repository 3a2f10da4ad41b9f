#include <pinfold/shm/crossing/bad_message.hpp>
#include <string>

namespace pinfold::shm {

BadMessage::~BadMessage() = default;

namespace detail {

namespace {

std::string depth_text() {
    return std::to_string(deepest_message) + " values inside of each other";
}

}  // namespace

void throw_ends_early(std::size_t wanted, std::size_t left) {
    throw BadMessage("a message ends too early: the next value takes " + std::to_string(wanted) +
                     " bytes, and " + std::to_string(left) + " are left");
}

void throw_size_beyond(std::size_t size, std::size_t left) {
    throw BadMessage("a message speaks of " + std::to_string(size) + " elements, and has " +
                     std::to_string(left) + " bytes left");
}

void throw_left_over(std::size_t left) {
    throw BadMessage("a message has " + std::to_string(left) + " bytes more than its value");
}

void throw_impossible(const char* what) {
    throw BadMessage(std::string("a message has an impossible ") + what);
}

void throw_too_deep() {
    throw BadMessage("a message has more than " + depth_text());
}

void throw_nested_too_deep() {
    throw std::length_error("pinfold: this value has more than " + depth_text() +
                            ", which does not cross");
}

}  // namespace detail
}  // namespace pinfold::shm
