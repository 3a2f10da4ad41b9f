#pragma once

// What else carries messages of one size between processes: each waits where it is full or empty.

#include <mqueue.h>

#include <boost/interprocess/ipc/message_queue.hpp>
#include <cstddef>
#include <memory>
#include <string>

namespace bench {

class BoostQueue {
  public:
    explicit BoostQueue(std::size_t bytes);
    ~BoostQueue();
    BoostQueue(const BoostQueue&) = delete;
    BoostQueue& operator=(const BoostQueue&) = delete;

    void put(const void* message, std::size_t bytes);
    void get(void* message, std::size_t bytes);

  private:
    std::string name_;
    boost::interprocess::message_queue queue_;
};

class PosixQueue {
  public:
    explicit PosixQueue(std::size_t bytes);
    ~PosixQueue();
    PosixQueue(const PosixQueue&) = delete;
    PosixQueue& operator=(const PosixQueue&) = delete;

    void put(const void* message, std::size_t bytes);
    void get(void* message, std::size_t bytes);

  private:
    mqd_t queue_;
};

/// Two descriptors, of which one is written and the other read, a message a call.
class DescriptorPair {
  public:
    ~DescriptorPair();
    DescriptorPair(const DescriptorPair&) = delete;
    DescriptorPair& operator=(const DescriptorPair&) = delete;

    void put(const void* message, std::size_t bytes);
    void get(void* message, std::size_t bytes);

  protected:
    DescriptorPair() = default;

    int ends_[2] = {-1, -1};  // to read, to write
};

class UnixPipe : public DescriptorPair {
  public:
    explicit UnixPipe(std::size_t bytes);
};
class UnixSocket : public DescriptorPair {
  public:
    explicit UnixSocket(std::size_t bytes);
};

}  // namespace bench
