#pragma once

#include <sys/types.h>

#include <pinfold/shm/parties/roster.hpp>

#include "keeper/birth.hpp"
#include "keeper/process_record.hpp"

namespace pinfold::detail {

/// The life of a Process, from its birth to its exit status.
///
/// Until the user's function nothing takes a lock: a thread of the host may have held it at the
/// fork, and there is nobody to give it back.
class ProcessLife {
  public:
    ProcessLife(const Birth& birth, ProcessRecord& record, shm::Roster& roster,
                shm::ProcessNumber number, pid_t host) noexcept
        : birth_(birth), record_(record), roster_(roster), number_(number), host_(host) {}

    int run() const;

  private:
    [[nodiscard]] bool start_up() const noexcept;
    [[nodiscard]] int call() const;
    void tell_of_exception() const;

    const Birth& birth_;
    ProcessRecord& record_;
    shm::Roster& roster_;
    const shm::ProcessNumber number_;
    const pid_t host_;
};

}  // namespace pinfold::detail
