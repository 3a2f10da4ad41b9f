#pragma once

#include <sched.h>

#include <functional>
#include <memory>
#include <pinfold/engine/detail/shared/enrolment.hpp>
#include <span>
#include <string>

#include "keeper/process_state.hpp"
#include "process/kept_stack.hpp"

namespace pinfold::detail {

/// A Process that is to be forked. It lies in the frames of its maker, who waits meanwhile; so the
/// child has all of it, and what it refers to.
struct Birth {
    const std::function<void()>& function;
    const std::string& name;
    std::span<const Enrolment> uses;
    bool is_detached = false;
    std::shared_ptr<ProcessState> state;
    cpu_set_t cpus{};  // of the maker's thread
    bool has_cpus = false;
    KeptStack stack;
};

}  // namespace pinfold::detail
