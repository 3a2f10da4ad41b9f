// An exception object does not cross a process, its type's name and its text do. Of those types of
// std's that are no more than a text, the object is made again.

#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <pinfold/engine/detail/tasks/throw_task_failed.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <typeinfo>
#include <variant>

#include "caught.hpp"

namespace pinfold::detail {

namespace {

// Linux has 133 of them on x86-64; beyond, there is no text of theirs.
constexpr int highest_errno = 133;

using Throw = void (*)(const std::string& text);

template <typename E>
void throw_with(const std::string& text) {
    throw E(text);
}
template <typename E>
void throw_without(const std::string&) {
    throw E();
}

/// Throws a system_error whose what() is this text, if the text of an errno ends it.
void throw_system_error(const std::string& text) {
    for (int number = 1; number <= highest_errno; ++number) {
        const std::error_code code(number, std::system_category());
        const std::string message = code.message();
        if (text == message) {
            throw std::system_error(code);
        }
        if (text.ends_with(": " + message)) {
            throw std::system_error(code, text.substr(0, text.size() - message.size() - 2));
        }
    }
}

struct RebuiltType {
    std::string_view type;
    Throw rebuild;
};
constexpr std::array rebuilt_types{
    RebuiltType{"std::runtime_error", throw_with<std::runtime_error>},
    RebuiltType{"std::logic_error", throw_with<std::logic_error>},
    RebuiltType{"std::invalid_argument", throw_with<std::invalid_argument>},
    RebuiltType{"std::domain_error", throw_with<std::domain_error>},
    RebuiltType{"std::length_error", throw_with<std::length_error>},
    RebuiltType{"std::out_of_range", throw_with<std::out_of_range>},
    RebuiltType{"std::range_error", throw_with<std::range_error>},
    RebuiltType{"std::overflow_error", throw_with<std::overflow_error>},
    RebuiltType{"std::underflow_error", throw_with<std::underflow_error>},
    RebuiltType{"std::system_error", throw_system_error},
    RebuiltType{"std::exception", throw_without<std::exception>},
    RebuiltType{"std::bad_alloc", throw_without<std::bad_alloc>},
    RebuiltType{"std::bad_array_new_length", throw_without<std::bad_array_new_length>},
    RebuiltType{"std::bad_cast", throw_without<std::bad_cast>},
    RebuiltType{"std::bad_typeid", throw_without<std::bad_typeid>},
    RebuiltType{"std::bad_function_call", throw_without<std::bad_function_call>},
    RebuiltType{"std::bad_optional_access", throw_without<std::bad_optional_access>},
    RebuiltType{"std::bad_variant_access", throw_without<std::bad_variant_access>},
    RebuiltType{"std::bad_weak_ptr", throw_without<std::bad_weak_ptr>},
};

}  // namespace

void throw_task_failed(const TaskFailed::Details& details) {
    const auto* const found =
        std::ranges::find(rebuilt_types, details.exception_type, &RebuiltType::type);
    if (found != rebuilt_types.end()) {
        try {
            found->rebuild(details.exception_text);
        } catch (...) {
            std::throw_with_nested(TaskFailed(details));
        }
    }
    throw TaskFailed(details);
}

void throw_task_failed_by_current(TaskFailed::Details details) {
    const Caught caught;
    details.exception_type = caught.type();
    details.exception_text = caught.text();
    std::throw_with_nested(TaskFailed(std::move(details)));
}

}  // namespace pinfold::detail
