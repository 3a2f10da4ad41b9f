// A handler of pthread_atfork() would miss a raw clone, and getpid() is a system call, which costs
// more than an empty chunk. So the kernel tells: a child finds zeros on a page that is advised so.
//
//     parent  page: 7  ──fork──►  child  page: 0, and 8 when it asks for a mark of its own

#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <pinfold/shm/process_mark.hpp>

#include "pages.hpp"

namespace pinfold::shm {

namespace {

using Life = std::atomic<std::uint64_t>;

constinit Life no_page{0};  // before Linux 4.14, and where there is no memory for one

Life* make_page() noexcept {
    void* const page =
        mmap(nullptr, page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return &no_page;
    }
    if (madvise(page, page_bytes(), MADV_WIPEONFORK) != 0) {
        munmap(page, page_bytes());
        return &no_page;
    }
    return new (page) Life(0);
}

constinit std::atomic<Life*> known_page{nullptr};

// A lock, as the one of a static in a function, would stay taken in a child that was forked while
// another thread had it. So threads that come at the same time each make a page, and one counts.
Life* page_of_process() noexcept {
    Life* known = known_page.load(std::memory_order_acquire);
    if (known != nullptr) {
        return known;
    }
    Life* const made = make_page();
    if (known_page.compare_exchange_strong(known, made, std::memory_order_acq_rel)) {
        return made;
    }
    if (made != &no_page) {
        munmap(made, page_bytes());
    }
    return known;
}

// A child has a copy, so what it takes from here was no mark of any process before it.
Life last_life{0};

}  // namespace

bool detail::is_this_process(std::uint64_t pid) noexcept {
    return static_cast<std::uint64_t>(getpid()) == pid;
}

ProcessMark mark_of_this_process() noexcept {
    Life* const page = page_of_process();
    if (page == &no_page) {
        return {nullptr, static_cast<std::uint64_t>(getpid())};
    }
    std::uint64_t value = page->load(std::memory_order_relaxed);
    if (value == 0) {
        const std::uint64_t fresh = last_life.fetch_add(1, std::memory_order_relaxed) + 1;
        if (page->compare_exchange_strong(value, fresh, std::memory_order_relaxed)) {
            value = fresh;
        }
    }
    return {page, value};
}

}  // namespace pinfold::shm
