// Copies files into a folder, several at the same time, and then has cp do it, to see which is
// quicker. What is called .part is not complete, or is cp's and will be removed.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>  // workers get and return names
#include <stdexcept>
#include <string>
#include <vector>

namespace fs = std::filesystem;

// A task copies one file. After a death it may do so again, to the same end.
struct Copy {
    std::string folder;

    std::string operator()(const std::string& from) const {
        std::string to = fs::path(folder) / fs::path(from).filename();
        const std::string part = to + ".part";
        try {
            fs::copy_file(from, part, fs::copy_options::overwrite_existing);
            fs::rename(part, to);
        } catch (const fs::filesystem_error&) {
            std::error_code ignored;
            fs::remove(part, ignored);
            throw;
        }
        return to;
    }
};

void run(std::vector<std::string> words) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    pid_t child = 0;
    int status = 0;
    if (posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0 ||
        waitpid(child, &status, 0) != child || status != 0) {
        throw std::runtime_error(words[0] + " failed");
    }
}

template <typename F>
void print_time(const char* what, F f) {
    const auto start = std::chrono::steady_clock::now();
    f();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    std::cout << what << ": " << time.count() << " s\n";
}

void copy_by_both(const std::vector<std::string>& files, const std::string& folder) {
    std::uintmax_t bytes = 0;
    for (const std::string& file : files) {
        bytes += 2 * fs::file_size(file);
    }
    if (const auto room = fs::space(folder).available; room < bytes) {
        throw std::runtime_error("two copies of all are " + std::to_string(bytes) + " bytes, but " +
                                 folder + " has room for " + std::to_string(room));
    }
    pinfold::Pool pool;
    std::vector<std::string> copies;
    print_time("pool.map", [&] { copies = pool.map(Copy{folder}, files).get(); });

    const std::string cp_folder = folder + "/cp.part";
    fs::create_directory(cp_folder);
    std::vector<std::string> words{"cp", "--"};
    words.insert(words.end(), files.begin(), files.end());
    words.push_back(cp_folder);
    print_time("cp", [&] { run(words); });
    for (const std::string& copy : copies) {
        const auto by_cp = pool.file(fs::path(cp_folder) / fs::path(copy).filename());
        if (!std::ranges::equal(pool.file(copy).bytes(), by_cp.bytes())) {
            throw std::runtime_error(copy + " is another than cp's");
        }
    }
    fs::remove_all(cp_folder);
    std::cout << copies.size() << " files, as cp copied them\n";
}

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: parallel_copy FILE... FOLDER\n";
        return EXIT_FAILURE;
    }
    try {
        copy_by_both({argv + 1, argv + argc - 1}, argv[argc - 1]);
    } catch (const pinfold::TaskFailed& failed) {
        std::cerr << "parallel_copy: " << failed.details().exception_text << '\n';
        return EXIT_FAILURE;
    } catch (const std::exception& error) {
        std::cerr << "parallel_copy: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
