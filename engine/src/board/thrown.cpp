#include "board/thrown.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <span>
#include <typeinfo>

namespace pinfold::detail {

namespace {

void copy_text(std::span<char> to, const char* from) noexcept {
    const std::size_t length = std::min(std::strlen(from), to.size() - 1);
    std::memcpy(to.data(), from, length);
    to[length] = '\0';
}

}  // namespace

void Thrown::record(WorkerNumber worker, std::uint64_t at, const char* of_type,
                    const char* with_text) noexcept {
    std::uint32_t nobody = 0;
    if (writer.compare_exchange_strong(nobody, worker + 1)) {
        state_index = at;
        copy_text(type, of_type);
        copy_text(text, with_text);
    }
}

void Thrown::forget(WorkerNumber worker) noexcept {
    std::uint32_t half_written = worker + 1;
    writer.compare_exchange_strong(half_written, 0);
}

// The texts stay valid: the handler outside of this one keeps the exception.
Caught::Caught() : name_(nullptr, std::free) {
    try {
        throw;
    } catch (const std::bad_alloc& e) {
        is_bad_alloc_ = true;
        type_ = "std::bad_alloc";
        text_ = e.what();
    } catch (const abi::__forced_unwind&) {
        throw;
    } catch (const std::exception& e) {
        int status = 0;
        name_.reset(abi::__cxa_demangle(typeid(e).name(), nullptr, nullptr, &status));
        type_ = name_ != nullptr ? name_.get() : typeid(e).name();
        text_ = e.what();
    } catch (...) {
        // The defaults say what is known.
    }
}

}  // namespace pinfold::detail
