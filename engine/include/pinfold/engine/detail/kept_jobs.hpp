#pragma once

#include <pinfold/api.hpp>

namespace pinfold::detail {

// What a worker made of the messages of jobs, once for each job, as long as the job lasts. Not for
// users.
class PINFOLD_API KeptJobs {
  public:
    KeptJobs(const KeptJobs&) = delete;
    KeptJobs& operator=(const KeptJobs&) = delete;

    /// How an object is made of a message, and how it ends.
    struct Kind {
        void* (*make)(const void* message);
        void (*end)(void* made) noexcept;
    };

    /// The object that was made of this message of the job that the worker is on; made now, the
    /// first time. Throws what its making throws.
    [[nodiscard]] virtual const void* made_of(const void* message, const Kind& kind) = 0;

  protected:
    KeptJobs() = default;
    ~KeptJobs() = default;
};

}  // namespace pinfold::detail
