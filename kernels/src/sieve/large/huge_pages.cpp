#include "sieve/large/huge_pages.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace pinfold::kernels {

void FreeHugePage::operator()(void* page) const noexcept {
    std::free(page);
}

HugePage make_huge_page() {
    HugePage page(std::aligned_alloc(huge_page_bytes, huge_page_bytes));
    if (page == nullptr) {
        throw std::bad_alloc();
    }
    madvise(page.get(), huge_page_bytes, MADV_HUGEPAGE);  // advice: small pages do as well
    return page;
}

}  // namespace pinfold::kernels
