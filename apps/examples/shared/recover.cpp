// Two accounts under a lock. A Process dies while it moves money between them: the next one is told
// so, once, and mends what was half done.
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <mutex>
#include <pinfold/engine/shared.hpp>

int main() {
    const pinfold::Shared shared;
    const pinfold::LockedArray<int> accounts(shared, 2);
    const pinfold::Value<int> total(shared, 100);
    accounts[0] = total;

    const pinfold::Process thief(shared, [&] {
        const std::lock_guard guard(accounts);
        accounts[0] -= 30;
        kill(getpid(), SIGKILL);  // before it is in the other account
    });
    thief.join();

    try {
        const std::lock_guard guard(accounts);
    } catch (const pinfold::OwnerDied& e) {
        std::cout << e.what() << '\n';  // it does not hold the lock
    }

    const pinfold::Mutex& mutex = accounts.mutex();
    const bool is_told = mutex.lock_or_recover();
    const std::lock_guard guard(mutex, std::adopt_lock);
    if (is_told) {
        accounts[1] = total - accounts[0];
        mutex.make_consistent();
    }
    std::cout << accounts[0] << " and " << accounts[1] << '\n';
}
