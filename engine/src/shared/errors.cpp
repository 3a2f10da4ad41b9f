#include <pinfold/engine/shared/errors.hpp>

#include <string>

namespace pinfold {

OwnerDied::OwnerDied(const char* call)
    : std::system_error(
          std::make_error_code(std::errc::owner_dead),
          std::string(call) +
              ": the owner died while it held the lock; lock_or_recover() takes it all the same") {}

ObjectEnded::ObjectEnded(const char* call)
    : std::logic_error(std::string(call) +
                       ": the object has ended, with its last handle in the process that made "
                       "it") {}

QueueClosed::QueueClosed(const char* call)
    : std::runtime_error(std::string(call) + ": the queue is closed") {}

BrokenPipe::BrokenPipe(const char* call, const char* why)
    : std::system_error(std::make_error_code(std::errc::broken_pipe),
                        std::string(call) + ": " + why) {}

BarrierBroken::BarrierBroken(const char* call)
    : std::runtime_error(std::string(call) +
                         ": the barrier is broken: a member died or came too late, or somebody "
                         "called abort() or reset()") {}

}  // namespace pinfold
