#pragma once

#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/party.hpp>
#include <utility>

namespace pinfold::detail {

/// How a kind of shared object is told of a Process before that is forked. `part` is what of the
/// object it takes part in.
struct EnrolmentKind {
    /// Throws std::logic_error where there is no room for it.
    void (*enrol)(void* words, shm::Roster& roster, int part, shm::ProcessNumber process) = nullptr;
    /// Undoes all of that, where the fork failed.
    void (*dismiss)(void* words, int part, shm::ProcessNumber process) = nullptr;
};

/// What a Process is to take part in from its birth on: a Barrier and an end of a pipe convert to
/// it, for ProcessOptions::uses. It is one more copy of the handle.
///
/// Thread-safety: that of a handle.
class PINFOLD_API Enrolment {
  public:
    Enrolment(SharedOwner owner, const EnrolmentKind& kind, int part = 0)
        : owner_(std::move(owner)), kind_(kind), part_(part) {}

    [[nodiscard]] bool is_of(const shm::Roster& roster) const {
        return &owner_.roster() == &roster;
    }
    void enrol(shm::ProcessNumber process) const {
        kind_.enrol(owner_.words(), owner_.roster(), part_, process);
    }
    void dismiss(shm::ProcessNumber process) const {
        kind_.dismiss(owner_.words(), part_, process);
    }

  private:
    SharedOwner owner_;
    EnrolmentKind kind_;
    int part_;
};

}  // namespace pinfold::detail
