#include "keeper/call.hpp"

#include <sys/socket.h>

#include <array>

#include "process/descriptors.hpp"

namespace pinfold::detail {

Call::Call() : Call(open_link()) {}

Call::Call(Link link) : caller_(std::move(link.host)), listener_(std::move(link.tree)) {}

void Call::make() const noexcept {
    const char anything = 0;
    [[maybe_unused]] const auto sent =
        send(caller_.number(), &anything, sizeof anything, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int Call::number() const noexcept {
    return caller_.number() < 0 ? -1 : listener_.number();
}

void Call::take() const noexcept {
    std::array<char, 64> calls{};
    while (recv(listener_.number(), calls.data(), calls.size(), MSG_DONTWAIT) > 0) {
    }
}

}  // namespace pinfold::detail
