#include "process/link.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace pinfold::detail {

// To a number that names no socket any more this is an error and nothing else.
void HostEnd::poke() const noexcept {
    const char anything = 0;
    [[maybe_unused]] const auto sent =
        send(socket_.number(), &anything, sizeof anything, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool HostEnd::is_deserted_within(std::chrono::milliseconds time) const noexcept {
    pollfd end{socket_.number(), 0, 0};  // a negative number is waited for in vain
    return poll(&end, 1, static_cast<int>(time.count())) > 0 && (end.revents & POLLHUP) != 0;
}

TreeEnd::News TreeEnd::take_news() const noexcept {
    News news = News::none;
    std::array<char, 64> pokes{};
    for (;;) {
        const ssize_t got = recv(socket_.number(), pokes.data(), pokes.size(), MSG_DONTWAIT);
        if (got > 0) {
            news = News::poke;
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else {
            return got < 0 && errno == EAGAIN ? news : News::host_is_gone;
        }
    }
}

}  // namespace pinfold::detail
