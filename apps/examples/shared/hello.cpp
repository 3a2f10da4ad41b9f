// A Process that says hello through a pipe, and which process it is, until the other end is closed.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <pinfold/engine/shared.hpp>
#include <pinfold/shm/crossing.hpp>  // messages are strings
#include <string>

struct Hello {
    std::string text;
    int process = 0;
    int parent = 0;
};

int main() {
    const pinfold::Shared shared;
    const auto [ours, theirs] = pinfold::make_pipe<std::string, Hello>(shared, 8);
    const auto greet = [end = theirs] {
        while (const auto name = end.get()) {
            end.put({"Hello, " + *name, getpid(), getppid()});
        }
    };
    const pinfold::Process process(shared, greet, {.name = "greeter", .uses = {theirs}});

    int right = 0;
    for (const char* name : {"Ada", "Grace"}) {
        ours.put(name);
        const auto hello = ours.get();
        if (!hello) {
            break;  // it has been killed
        }
        std::cout << hello->text << ", says process " << hello->process << ", whose parent is "
                  << hello->parent << '\n';
        right += hello->process == process.pid() && hello->parent == getpid() ? 1 : 0;
    }
    ours.close();  // the other end's get() returns none
    process.join();
    const bool is_right = right == 2 && process.exit_code() == EXIT_SUCCESS;
    std::cout << (is_right ? "they are who they should be\n" : "WRONG\n");
    return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
