#include "peers/messages/channels.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "peers/require.hpp"

namespace bench {
namespace {

constexpr std::size_t capacity = 1024;

std::string own_name() {
    static int count = 0;
    return "/pinfold_queue_bench_" + std::to_string(getpid()) + "_" + std::to_string(++count);
}

void check(bool is_right, const char* what) {
    if (!is_right) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

}  // namespace

BoostQueue::BoostQueue(std::size_t bytes)
    : name_(own_name().substr(1)),
      queue_(boost::interprocess::create_only, name_.c_str(), capacity, bytes) {
    boost::interprocess::message_queue::remove(name_.c_str());
}

BoostQueue::~BoostQueue() = default;

void BoostQueue::put(const void* message, std::size_t bytes) {
    queue_.send(message, bytes, 0);
}

void BoostQueue::get(void* message, std::size_t bytes) {
    unsigned priority = 0;
    boost::interprocess::message_queue::size_type got = 0;
    queue_.receive(message, bytes, got, priority);
    require(got == bytes, "a message of Boost's queue");
}

// As many messages as the others have, or as many as the system gives.
PosixQueue::PosixQueue(std::size_t bytes) {
    const rlimit no_limit{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MSGQUEUE, &no_limit);
    const std::string name = own_name();
    mq_attr attributes{};
    attributes.mq_msgsize = static_cast<long>(bytes);
    for (const std::size_t messages : {capacity, std::size_t{10}}) {
        attributes.mq_maxmsg = static_cast<long>(messages);
        queue_ = mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
        if (queue_ != -1) {
            break;
        }
    }
    check(queue_ != -1, "mq_open");
    mq_unlink(name.c_str());
}

PosixQueue::~PosixQueue() {
    mq_close(queue_);
}

void PosixQueue::put(const void* message, std::size_t bytes) {
    check(mq_send(queue_, static_cast<const char*>(message), bytes, 0) == 0, "mq_send");
}

void PosixQueue::get(void* message, std::size_t bytes) {
    check(mq_receive(queue_, static_cast<char*>(message), bytes, nullptr) ==
              static_cast<ssize_t>(bytes),
          "mq_receive");
}

DescriptorPair::~DescriptorPair() {
    close(ends_[0]);
    close(ends_[1]);
}

void DescriptorPair::put(const void* message, std::size_t bytes) {
    check(write(ends_[1], message, bytes) == static_cast<ssize_t>(bytes), "write");
}

void DescriptorPair::get(void* message, std::size_t bytes) {
    check(read(ends_[0], message, bytes) == static_cast<ssize_t>(bytes), "read");
}

UnixPipe::UnixPipe(std::size_t bytes) {
    check(pipe2(ends_, O_CLOEXEC) == 0, "pipe");
    // One message is one write where it is at most PIPE_BUF long.
    require(bytes <= PIPE_BUF, "a message for a pipe");
    fcntl(ends_[1], F_SETPIPE_SZ, static_cast<int>(capacity * bytes));
}

UnixSocket::UnixSocket(std::size_t /*bytes*/) {
    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends_) == 0, "socketpair");
}

}  // namespace bench
