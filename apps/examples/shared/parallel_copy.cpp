// Copies files into a folder, several at the same time, and then has cp do it, to see which is
// quicker. A copy gets its name when it is complete. What is called .part is not, and stays only
// where the program was killed, or stopped by Ctrl-C.
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>  // workers get names
#include <pinfold/shm/descriptor.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace fs = std::filesystem;
using pinfold::shm::Descriptor;

// A task copies one file. After a death it may do so again, to the same end.
struct Copy {
    std::string folder;

    std::string to(const std::string& from) const {
        return fs::path(folder) / fs::path(from).filename();
    }
    std::string part(const std::string& from) const { return to(from) + ".part"; }
    void operator()(const std::string& from) const {
        const Descriptor in(open(from.c_str(), O_RDONLY | O_CLOEXEC));
        const Descriptor out(
            open(part(from).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
        ssize_t copied = in.number() < 0 || out.number() < 0 ? -1 : 1;
        while (copied > 0) {
            copied = sendfile(out.number(), in.number(), nullptr, 1 << 30);
        }
        if (copied < 0 || rename(part(from).c_str(), to(from).c_str()) != 0) {
            throw std::system_error(errno, std::generic_category(), from);
        }
    }
};

// A Process may become another program. It ends when this one does.
void run_cp(pinfold::Pool& pool, const std::vector<std::string>& files, const std::string& folder) {
    std::vector<const char*> words{"cp", "--"};
    std::ranges::transform(files, std::back_inserter(words), &std::string::c_str);
    words.insert(words.end(), {folder.c_str(), nullptr});
    const pinfold::Process cp(pool, [&] {
        execvp(words[0], const_cast<char* const*>(words.data()));
        std::exit(EXIT_FAILURE);
    });
    cp.join();
    if (cp.exit_code() != EXIT_SUCCESS) {
        throw std::runtime_error("cp failed");
    }
}

template <typename F>
void print_time(const char* what, F f) {
    const auto start = std::chrono::steady_clock::now();
    f();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    std::cout << what << ": " << time.count() << " s\n";
}

void copy_by_both(const std::vector<std::string>& files, const Copy& copy,
                  const std::string& cp_folder) {
    std::set<std::string> names;
    for (const std::string& file : files) {
        if (!names.insert(copy.to(file)).second) {
            throw std::runtime_error("two files would be " + copy.to(file));
        }
    }
    pinfold::Pool pool;
    print_time("pool.map", [&] { pool.map(copy, files).get(); });
    fs::create_directory(cp_folder);
    print_time("cp", [&] { run_cp(pool, files, cp_folder); });
    for (const std::string& file : files) {
        const auto by_cp = pool.file(fs::path(cp_folder) / fs::path(file).filename());
        if (!std::ranges::equal(pool.file(copy.to(file)).bytes(), by_cp.bytes())) {
            throw std::runtime_error(copy.to(file) + " is another than cp's");
        }
    }
    std::cout << files.size() << " files, as cp copied them\n";
}

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: parallel_copy FILE... FOLDER\n";
        return EXIT_FAILURE;
    }
    const std::vector<std::string> files(argv + 1, argv + argc - 1);
    const Copy copy{argv[argc - 1]};
    const std::string cp_folder = copy.folder + "/cp.part";
    int status = EXIT_SUCCESS;
    try {
        copy_by_both(files, copy, cp_folder);
    } catch (const pinfold::TaskFailed& failed) {
        const std::string& text = failed.details().exception_text;
        std::cerr << "parallel_copy: " << (text.empty() ? failed.what() : text.c_str()) << '\n';
        status = EXIT_FAILURE;
    } catch (const std::exception& error) {
        std::cerr << "parallel_copy: " << error.what() << '\n';
        status = EXIT_FAILURE;
    }
    std::error_code ignored;  // what is not there need not go
    fs::remove_all(cp_folder, ignored);
    for (const std::string& file : files) {
        fs::remove(copy.part(file), ignored);
    }
    return status;
}
