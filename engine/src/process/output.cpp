#include "process/output.hpp"

#include <stdio_ext.h>

#include <cstdio>
#include <fstream>
#include <iostream>

// glibc's list of all open streams, which fork() leaves whole in the child.
extern "C" struct _IO_FILE_plus* _IO_list_all __attribute__((weak));

namespace pinfold::detail {

namespace {

/// Gives access to a buffer's own place to write to.
template <typename Char>
struct Emptied : std::basic_streambuf<Char> {
    using Buffer = std::basic_streambuf<Char>;

    static bool is_empty(const Buffer& buffer) {
        const auto begin = &Emptied::pbase;
        const auto next = &Emptied::pptr;
        return (buffer.*next)() == (buffer.*begin)();
    }

    static void empty(Buffer& buffer) {
        const auto begin = &Emptied::pbase;
        const auto end = &Emptied::epptr;
        const auto set = &Emptied::setp;
        (buffer.*set)((buffer.*begin)(), (buffer.*end)());
    }
};

/// A stream that the program put somewhere else, such as into a string, keeps what it has. Mostly
/// there is nothing, and a child that asks of which kind the stream is pays four page faults.
template <typename Char>
void drop(std::basic_ostream<Char>& stream) {
    if (stream.rdbuf() == nullptr || Emptied<Char>::is_empty(*stream.rdbuf())) {
        return;
    }
    if (auto* const file = dynamic_cast<std::basic_filebuf<Char>*>(stream.rdbuf())) {
        Emptied<Char>::empty(*file);
    }
}

void drop(std::FILE* stream) noexcept {
    if (__fpending(stream) != 0) {
        __fpurge(stream);
    }
}

/// A stream may be set to throw when it fails.
void flush(std::ostream& stream) noexcept {
    try {
        stream.flush();
    } catch (...) {
        // The stream keeps the failure, and there is nobody to tell.
    }
}

}  // namespace

void flush_stdout_if_free() noexcept {
    // A pool may be made before main(), and before the file that constructs the streams is.
    static const std::ios_base::Init streams;
    if (ftrylockfile(stdout) == 0) {
        fflush_unlocked(stdout);
        funlockfile(stdout);
    }
}

void drop_inherited_output() noexcept {
    drop(stdout);
    drop(stderr);
    if (&_IO_list_all != nullptr) {
        auto* stream = reinterpret_cast<std::FILE*>(_IO_list_all);
        for (; stream != nullptr; stream = stream->_chain) {
            drop(stream);
        }
    }
    drop(std::cout);
    drop(std::cerr);
    drop(std::clog);
    drop(std::wcout);
    drop(std::wcerr);
    drop(std::wclog);
}

void flush_standard_output() noexcept {
    flush(std::cout);
    flush(std::clog);
    std::fflush(stdout);
}

void flush_all_output() noexcept {
    flush(std::cout);
    flush(std::clog);
    std::fflush(nullptr);
}

}  // namespace pinfold::detail
