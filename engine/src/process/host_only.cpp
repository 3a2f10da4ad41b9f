#include "process/host_only.hpp"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "process/fork_lock.hpp"
#include "process/proc_text.hpp"

namespace pinfold::detail {

namespace {

// All there are, in a list that a child walks without the heap; guarded by the ForkLock.
constinit HostOnly* first = nullptr;

/// The process that pidfd `number` stands for; 0 where that cannot be read, -1 once it was reaped.
pid_t process_of(int number) noexcept {
    return static_cast<pid_t>(ProcText("/proc/self/fdinfo/", number, "").field("Pid:").value_or(0));
}

}  // namespace

HostOnly::HostOnly(Descriptor opened, pid_t process) : descriptor_(std::move(opened)) {
    struct stat file {};
    fstat(descriptor_.number(), &file);
    struct statfs its_system {};
    fstatfs(descriptor_.number(), &its_system);
    process_ = its_system.f_type == ANON_INODE_FS_MAGIC ? process : 0;
    device_ = file.st_dev;
    file_ = file.st_ino;
    const ForkLock lock;
    next_ = first;
    if (next_ != nullptr) {
        next_->before_ = this;
    }
    first = this;
}

HostOnly::~HostOnly() {
    const ForkLock lock;
    (before_ != nullptr ? before_->next_ : first) = next_;
    if (next_ != nullptr) {
        next_->before_ = before_;
    }
    close_if_mine();
}

int HostOnly::number() const noexcept {
    struct stat file {};
    const int number = descriptor_.number();
    if (fstat(number, &file) != 0 || file.st_dev != device_ || file.st_ino != file_) {
        return -1;
    }
    if (process_ != 0) {
        const pid_t process = process_of(number);
        return process <= 0 || process == process_ ? number : -1;
    }
    return number;
}

void HostOnly::close_if_mine() noexcept {
    if (number() < 0) {
        static_cast<void>(descriptor_.release());
    }
    descriptor_.reset();
}

void HostOnly::close_all() noexcept {
    for (HostOnly* each = first; each != nullptr; each = each->next_) {
        each->close_if_mine();
    }
}

}  // namespace pinfold::detail
