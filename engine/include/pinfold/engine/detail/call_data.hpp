#pragma once

// What a call gives its workers. Mostly that is one object, which crosses by its bytes. Where the
// job or the map goes as a message, each worker makes an object of its own, once for the job. Not
// for users.
//
//     bytes:     the object
//     messages:  a MessageFrame with what crosses by its bytes | the job's message | the map's

#include <cstddef>
#include <cstring>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/kept_jobs.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <utility>

namespace pinfold::detail {

inline NoJob job_before(const NoJob&) noexcept {
    return {};
}
template <typename Job>
JobBefore<Meant<Job>> job_before(const Job& job) {
    return {meant(job)};
}

/// A value of a call as it crosses: its bytes, or how long its message is.
template <typename T, bool is_message>
struct PartOfCall {
    alignas(T) std::byte bytes[sizeof(T)];

    explicit PartOfCall(const T& value) noexcept {
        __builtin_memcpy(bytes, std::addressof(value), sizeof(T));
    }
    [[nodiscard]] std::size_t message_bytes() const noexcept { return 0; }
    [[nodiscard]] T made(std::span<const std::byte>) const {
        return *reinterpret_cast<const T*>(bytes);
    }
};
template <typename T>
struct PartOfCall<T, true> {
    std::size_t bytes;

    [[nodiscard]] std::size_t message_bytes() const noexcept { return bytes; }
    [[nodiscard]] T made(std::span<const std::byte> message) const {
        return shm::CrossingOf<T>::read(message);
    }
};

template <typename Job>
struct JobOfCall {
    using Part = PartOfCall<Job, false>;
    static constexpr bool is_message = false;
};
template <typename Job>
struct JobOfCall<JobBefore<Job>> {
    using Part = PartOfCall<Job, goes_as_message<Job>()>;
    static constexpr bool is_message = goes_as_message<Job>();
};

/// Whether a MapOfChunks, or whatever workers get, is made of messages.
template <typename Data>
inline constexpr bool is_of_messages = false;
template <typename Map, typename Job, typename In, typename Out>
inline constexpr bool is_of_messages<MapOfChunks<Map, Job, In, Out>> =
    goes_as_message<Map>() || JobOfCall<Job>::is_message;

/// The first part of such a message; the job's and the map's follow it.
template <typename Data>
struct MessageFrame;
template <typename Map, typename Job, typename In, typename Out>
struct MessageFrame<MapOfChunks<Map, Job, In, Out>> {
    using Data = MapOfChunks<Map, Job, In, Out>;

    typename JobOfCall<Job>::Part job;
    PartOfCall<Map, goes_as_message<Map>()> map;
    PartOfCall<In, false> in;
    PartOfCall<Out, false> out;

    // A copy that counts, of an array that crosses by its bytes, as it ends in the worker.
    static void* make(const void* message) {
        const auto& frame = *static_cast<const MessageFrame*>(message);
        const std::byte* const job = static_cast<const std::byte*>(message) + sizeof(MessageFrame);
        const std::size_t job_bytes = frame.job.message_bytes();
        return new Data{{frame.job.made({job, job_bytes})},
                        frame.map.made({job + job_bytes, frame.map.message_bytes()}),
                        frame.in.made({}),
                        frame.out.made({})};
    }
    static void end(void* made) noexcept { delete static_cast<Data*>(made); }
};

// The messages of a call, one behind the other, in the host.
class PINFOLD_API MessageBytes {
  public:
    /// Leaves room for what is put at the beginning, later.
    explicit MessageBytes(std::size_t bytes_before) : used_(bytes_before) {
        make_room(bytes_before + first_room);
    }

    /// Returns how long the message is. What has room is written once, else twice.
    template <typename T>
    std::size_t add(const T& value) {
        const std::size_t bytes = write(value);
        if (bytes > room_ - used_) {
            make_room(used_ + bytes);
            if (write(value) != bytes) {
                refuse_other_size("the job");
            }
        }
        used_ += bytes;
        return bytes;
    }

    template <typename Frame>
    void put_before(const Frame& frame) noexcept {
        std::memcpy(bytes_.get(), &frame, sizeof(Frame));
    }

    [[nodiscard]] std::span<const std::byte> all() const noexcept { return {bytes_.get(), used_}; }

  private:
    static constexpr std::size_t first_room = 1024;

    template <typename T>
    std::size_t write(const T& value) {
        return shm::CrossingOf<T>::write(value,
                                         std::span<std::byte>(bytes_.get() + used_, room_ - used_));
    }
    void make_room(std::size_t bytes) {
        auto larger = std::make_unique_for_overwrite<std::byte[]>(bytes);
        if (room_ != 0) {
            std::memcpy(larger.get(), bytes_.get(), used_);
        }
        bytes_ = std::move(larger);
        room_ = bytes;
    }

    std::size_t used_;
    std::size_t room_ = 0;
    std::unique_ptr<std::byte[]> bytes_;
};

template <typename T>
auto part_of_call(const T& value, MessageBytes& messages) {
    if constexpr (goes_as_message<T>()) {
        return PartOfCall<T, true>{messages.add(value)};
    } else {
        return PartOfCall<T, false>(value);
    }
}

/// What `make` makes: in the frame of the call, or, if it is large, on the heap.
template <typename T, bool is_small = sizeof(T) <= 1024>
struct OfAnySize {
    T value;

    template <typename Make>
    explicit OfAnySize(const Make& make) : value(make()) {}
    [[nodiscard]] const T& operator*() const noexcept { return value; }
};
template <typename T>
struct OfAnySize<T, false> {
    std::unique_ptr<const T> value;

    template <typename Make>
    explicit OfAnySize(const Make& make) : value(new T(make())) {}
    [[nodiscard]] const T& operator*() const noexcept { return *value; }
};

/// Of what is neither an array's nor a file's elements nobody counts the bytes.
template <typename Part>
consteval std::size_t element_bytes_of() {
    if constexpr (requires { Part::element_bytes; }) {
        return Part::element_bytes;
    } else {
        return 0;
    }
}

template <typename Data, typename Spec>
void set_element_bytes(Spec& spec) {
    spec.element_bytes =
        element_bytes_of<decltype(Data::in)>() + element_bytes_of<decltype(Data::out)>();
}

// What a call gives its workers, in the host: to be kept until the job is over. `Of` is what a
// worker's row calls for each chunk.
template <typename Of, bool of_messages = is_of_messages<Of>>
class CallData {
  public:
    using Data = Of;

    template <typename Job, typename Map>
    CallData(const Job& job, const Map& map, const decltype(Data::in)& in,
             const decltype(Data::out)& out = {})
        : data_([&] {
              return Data{job_before(job), meant(map), in, out};
          }) {}

    template <typename Spec>
    void describe(Spec& spec) const {
        set_job(spec, *data_);
        set_element_bytes<Data>(spec);
    }

    /// Calls `run(row)` in a worker, with the Data for its job.
    template <typename Row, typename Run>
    static void with_data(Row& row, const Run& run) {
        run(row);
    }

  private:
    OfAnySize<Data> data_;
};

template <typename Of>
class CallData<Of, true> {
  public:
    using Data = Of;

    template <typename Job, typename Map>
    CallData(const Job& job, const Map& map, const decltype(Data::in)& in,
             const decltype(Data::out)& out = {})
        : messages_(sizeof(Frame)) {
        const Frame frame{part_of_call(meant(job), messages_), part_of_call(meant(map), messages_),
                          PartOfCall<decltype(Data::in), false>(in),
                          PartOfCall<decltype(Data::out), false>(out)};
        messages_.put_before(frame);
    }

    template <typename Spec>
    void describe(Spec& spec) const {
        static_assert(alignof(Frame) <= shm::largest_alignment,
                      "a job is aligned to at most 4096 bytes");
        spec.job = messages_.all();
        spec.job_alignment = alignof(Frame);
        set_element_bytes<Data>(spec);
    }

    template <typename Row, typename Run>
    static void with_data(Row& row, const Run& run) {
        constexpr KeptJobs::Kind kind{Frame::make, Frame::end};
        const void* const message = row.job;
        row.job = row.jobs->made_of(message, kind);
        run(row);
        row.job = message;
    }

  private:
    using Frame = MessageFrame<Data>;

    MessageBytes messages_;
};

// What another kind of call gives its workers.
template <typename Of>
class ObjectOfCall {
  public:
    using Data = Of;

    explicit ObjectOfCall(const Data& data) noexcept : data_(data) {}
    template <typename Spec>
    void describe(Spec& spec) const {
        set_job(spec, data_);
    }

    template <typename Row, typename Run>
    static void with_data(Row& row, const Run& run) {
        run(row);
    }

  private:
    const Data& data_;
};

}  // namespace pinfold::detail
