#pragma once

#include <pinfold/api.hpp>
#include <stdexcept>
#include <system_error>

namespace pinfold {

/// The owner of a lock died while it held it, so what the lock protects may be half changed.
/// Whoever gets this does not hold the lock: see Mutex::lock_or_recover().
///
///     pinfold::Shared shared;
///     const pinfold::Mutex mutex(shared);
///     pinfold::Process process(shared, [&] { mutex.lock(); });  // it ends, and has not unlocked
///     process.join();
///     try {
///         mutex.lock();
///         assert(false);
///     } catch (const pinfold::OwnerDied&) {
///         assert(mutex.lock_or_recover());
///         mutex.make_consistent();
///         mutex.unlock();
///     }
class PINFOLD_API OwnerDied : public std::system_error {
  public:
    explicit OwnerDied(const char* call);
};

/// The shared object has ended: its last handle in the process that made it is gone.
///
///     pinfold::Shared shared;
///     auto event = std::make_unique<pinfold::Event>(shared);
///     pinfold::Process process(shared, [&] {
///         try {
///             event->wait();
///         } catch (const pinfold::ObjectEnded&) {
///             std::exit(7);
///         }
///     });
///     event.reset();
///     process.join();
///     assert(process.exit_code() == 7);
class PINFOLD_API ObjectEnded : public std::logic_error {
  public:
    explicit ObjectEnded(const char* call);
};

/// A Queue is closed: nothing can be put into it any more.
///
///     pinfold::Pool pool;
///     const pinfold::Queue<int> numbers(pool, 8);
///     numbers.close();
///     try {
///         numbers.put(1);
///     } catch (const pinfold::QueueClosed& closed) {
///         assert(std::string(closed.what()) == "Queue::put(): the queue is closed");
///     }
class PINFOLD_API QueueClosed : public std::runtime_error {
  public:
    explicit QueueClosed(const char* call);
};

/// Nobody reads what is put into a pipe: its other end has gone. Or the end that puts is closed.
///
///     pinfold::Shared shared;
///     const auto [ours, theirs] = pinfold::make_pipe<int>(shared, 4);
///     theirs.close();
///     try {
///         ours.put(7);
///         assert(false);
///     } catch (const pinfold::BrokenPipe&) {
///         assert(ours.is_other_gone());
///     }
class PINFOLD_API BrokenPipe : public std::system_error {
  public:
    BrokenPipe(const char* call, const char* why);
};

/// A member of a Barrier died, its time was over, or somebody called abort() or reset().
///
///     pinfold::Shared shared;
///     const pinfold::Barrier barrier(shared, 2);
///     barrier.abort();
///     try {
///         barrier.arrive_and_wait();
///         assert(false);
///     } catch (const pinfold::BarrierBroken&) {
///         barrier.reset();
///     }
///     assert(!barrier.is_broken());
class PINFOLD_API BarrierBroken : public std::runtime_error {
  public:
    explicit BarrierBroken(const char* call);
};

}  // namespace pinfold
