// A time server. Clients are Processes, which put requests in the server's Queue. Each has a Queue
// of its own for replies, and sends it with the request. A stop message ends the server. First it
// has a thread for each request, then a pool.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iomanip>
#include <iostream>
#include <optional>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>  // messages with strings
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

constexpr int clients = 4;
constexpr int requests_each = 50;

using Replies = pinfold::Queue<std::string>;
struct Request {
    std::string name;
    std::optional<Replies> to;  // none: the stop message
};
using Requests = pinfold::Queue<Request>;
using Serve = std::function<void(const Request&)>;

std::string answer(const std::string& name) {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::ostringstream text;
    text << name << ": it is " << std::put_time(&utc, "%Y-%m-%d %H:%M:%S") << " UTC";
    return text.str();
}

// What a client does. It ends with 1 when no reply comes, or somebody else's.
void ask(int client, const Requests& requests, const Replies& replies) {
    for (int number = 1; number <= requests_each; ++number) {
        const std::string name =
            "request " + std::to_string(number) + " of client " + std::to_string(client);
        requests.put({name, replies});
        const auto reply = replies.get_for(std::chrono::seconds(30));
        if (!reply->starts_with(name + ':')) {
            throw std::runtime_error(name + " got " + *reply);
        }
    }
}

// Starts clients, and serves them until the stop message, which comes when all have ended. Returns
// whether all got what they asked for.
bool run(const char* how, const pinfold::Space& space, const Serve& serve) {
    const Requests requests(space, 64);
    std::vector<Replies> replies;
    std::vector<pinfold::Process> all;
    for (int client = 0; client < clients; ++client) {
        replies.emplace_back(space, 1);
        all.emplace_back(space, [&] { ask(client, requests, replies.back()); });
    }
    int served = 0;
    std::jthread server([&] {
        for (auto request = requests.get(); request->to; request = requests.get()) {
            serve(*request);
            ++served;
        }
    });
    int content = 0;
    for (const pinfold::Process& client : all) {
        client.join();
        content += client.exit_code() == EXIT_SUCCESS ? 1 : 0;
    }
    requests.put({});
    server.join();
    std::cout << how << ": " << served << " requests, " << content << " of " << clients
              << " clients got all their replies\n";
    return content == clients;
}

int main() {
    std::vector<std::jthread> threads;
    const bool by_threads =
        run("a thread a request", pinfold::Shared(), [&](const Request& request) {
            threads.emplace_back([request] { request.to->put(answer(request.name)); });
        });

    pinfold::Pool pool;
    std::vector<pinfold::Future<void>> sent;
    const bool by_pool = run("a pool", pool, [&](const Request& request) {
        // The task may run twice, after a death. The function of then() is called once.
        const auto reply = pool.submit(answer, request.name);
        sent.push_back(reply.then([to = *request.to](const std::string& text) { to.put(text); }));
    });
    std::cout << pool.submit(answer, "the last answer").get() << '\n';
    return by_threads && by_pool ? EXIT_SUCCESS : EXIT_FAILURE;
}
