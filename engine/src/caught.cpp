#include "caught.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <pinfold/engine/errors.hpp>
#include <pinfold/shm/heap.hpp>
#include <string>
#include <type_traits>
#include <typeinfo>

namespace pinfold::detail {

namespace {

// The demangler's frames take some 64 bytes per letter, and a worker's stack may be small. A name
// that is longer has no room in a Caught either.
constexpr std::size_t longest_demangled = 512;

// How many exceptions that are nested in each other are told.
constexpr int most_nested = 8;

void add_type(CutText& to, const std::type_info* type) noexcept {
    if (type == nullptr) {
        to.add("an exception of another language");
        return;
    }
    const char* const mangled = type->name();
    std::unique_ptr<char, void (*)(void*)> name(nullptr, std::free);
    if (strnlen(mangled, longest_demangled) < longest_demangled) {
        int status = 0;
        name.reset(abi::__cxa_demangle(mangled, nullptr, nullptr, &status));
    }
    to.add(name != nullptr ? name.get() : mangled);
}

template <typename Number>
void add_number(CutText& to, Number number) noexcept {
    std::array<char, 64> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    to.add(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

/// The value of the exception that is being handled if it is a Number; else throws it on.
template <typename Number>
void add_if(CutText& to) {
    try {
        throw;
    } catch (Number number) {
        add_number(to, number);
    }
}

template <typename First, typename... Others>
void add_one_of(CutText& to) {
    try {
        add_if<First>(to);
    } catch (...) {
        if constexpr (sizeof...(Others) > 0) {
            add_one_of<Others...>(to);
        } else {
            to.add("not derived from std::exception");
        }
    }
}

/// The exception that is being handled, which is no std::exception.
void add_value(CutText& to) {
    try {
        throw;
    } catch (const std::string& text) {
        to.add(std::string_view(text));
    } catch (const char* text) {
        to.add(text);
    } catch (...) {
        add_one_of<int, unsigned, long, unsigned long, long long, unsigned long long, double,
                   float>(to);
    }
}

constexpr const char* failed_task = "pinfold::TaskFailed";

/// Of a task that failed since one that it waited for did, only the innermost has a cause: what all
/// say, each within the next, would be cut before it.
void add_failed_task(CutText& to, const TaskFailed::Details& task) {
    if (task.exception_type == failed_task) {
        to.add(task.exception_text);
        return;
    }
    to.add("task ");
    add_number(to, task.number);
    if (!task.name.empty()) {
        to.add(" (");
        to.add(std::string_view(task.name));
        to.add(")");
    }
    to.add(" failed");
    if (!task.exception_type.empty()) {
        to.add(": ");
        to.add(std::string_view(task.exception_type));
        to.add(": ");
        to.add(std::string_view(task.exception_text));
    }
    for (const Death& death : task.deaths) {
        to.add("; ");
        to.add(std::string_view(death.how));
    }
}

void add_nested(CutText& to, const std::nested_exception* outer, int depth);

/// The exception that is being handled, and what is nested in it.
void add_text(CutText& to, int depth) {
    try {
        throw;
    } catch (const TaskFailed& e) {
        add_failed_task(to, e.details());
    } catch (const std::exception& e) {
        to.add(e.what());
        add_nested(to, dynamic_cast<const std::nested_exception*>(&e), depth);
    } catch (const std::nested_exception& e) {
        to.add("not derived from std::exception");
        add_nested(to, &e, depth);
    } catch (...) {
        add_value(to);
    }
}

void add_nested(CutText& to, const std::nested_exception* outer, int depth) {
    if (outer == nullptr || outer->nested_ptr() == nullptr || depth == most_nested) {
        return;
    }
    try {
        outer->rethrow_nested();
    } catch (...) {
        to.add("; from ");
        add_type(to, abi::__cxa_current_exception_type());
        to.add(": ");
        add_text(to, depth + 1);
    }
}

}  // namespace

void CutText::add(std::string_view text) noexcept {
    const std::size_t room = to_.size() - 1 - used_;
    const std::size_t length = std::min(text.size(), room);
    std::memcpy(to_.data() + used_, text.data(), length);
    used_ += length;
    to_[used_] = '\0';
    if (length < text.size()) {
        cut();
    }
}

void CutText::add(const char* text) noexcept {
    if (text == nullptr) {
        add(std::string_view("(null)"));
    } else {
        add(std::string_view(text, strnlen(text, to_.size())));
    }
}

// A text that was cut is full, and each further one cuts it at the same place again.
void CutText::cut() noexcept {
    const auto continues = [this](std::size_t at) {
        return (static_cast<unsigned char>(to_[at]) & 0xC0U) == 0x80U;
    };
    std::size_t at = to_.size() - 1 - mark.size();
    while (at > 0 && continues(at)) {
        --at;
    }
    std::ranges::copy(mark, to_.data() + at);
    used_ = to_.size() - 1;
    std::memset(to_.data() + at + mark.size(), '\0', to_.size() - at - mark.size());
}

Caught::Caught() {
    bool is_failed_task = false;
    try {
        throw;
    } catch (const TaskFailed&) {
        is_failed_task = true;  // whatever is nested in it
        is_std_exception_ = true;
    } catch (const std::bad_alloc& e) {
        is_bad_alloc_ = true;
        is_heap_full_ = dynamic_cast<const shm::HeapFull*>(&e) != nullptr;
        is_std_exception_ = true;
    } catch (const abi::__forced_unwind&) {
        throw;
    } catch (const std::exception&) {
        is_std_exception_ = true;
    } catch (...) {
        // Its type and its text are taken below, as those of any other.
    }
    CutText type(type_);
    if (is_failed_task) {
        type.add(failed_task);
    } else {
        add_type(type, abi::__cxa_current_exception_type());
    }
    CutText text(text_);
    add_text(text, 0);
}

}  // namespace pinfold::detail
