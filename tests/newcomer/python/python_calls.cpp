// The calls of the tables in docs/coming_from_python.md, as they stand there. This is no mistake.
// prints: all calls were right
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
//
#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <pinfold/engine/shared.hpp>
#include <pinfold/engine/this_worker.hpp>
#include <shared_mutex>

using namespace std::chrono_literals;
using pinfold::Cancelled;
using pinfold::Pool;
using pinfold::TaskFailed;
using pinfold::Timeout;

struct Size {
    int width = 0;
};

// What the page calls f.
struct F {
    int operator()() const { return 1; }
    int operator()(int x) const { return x + 1; }
    int operator()(int x, int y) const { return x + y; }
    int operator()(int x, Size size) const { return x + size.width; }
};
constexpr F f;

void require(bool is_right, int line) {
    if (!is_right) {
        std::cerr << "wrong: line " << line << '\n';
        std::abort();
    }
}
#define REQUIRE(condition) require(condition, __LINE__)

constexpr int x = 1;
constexpr int y = 2;
const std::vector<int> xs{1, 2, 3};
const std::vector<int> ys{4, 5, 6};
const std::vector<std::pair<int, int>> pairs{{1, 4}, {2, 5}, {3, 6}};

void make_pools(int x) {
    constexpr int n = 2;
    { Pool pool; }
    { Pool pool({.workers = 8}); }
    {
        Pool pool({.workers = 8, .initializer = [x] { f(x); }});
    }
    const pinfold::PoolOptions none{.initializer = [x] { f(x); }};
    for (const pinfold::PoolOptions& options : {
             pinfold::PoolOptions{.max_chunks_per_worker = n},
             pinfold::PoolOptions{.crew = pinfold::Crew::threads},
             pinfold::PoolOptions{.crew = pinfold::Crew::serial},
             none,
         }) {
        Pool pool(options);
        REQUIRE(pool.submit(f, x).get() == 2);
    }
}

void submit(Pool& pool) {
    const auto g = [](int value) { return value * 10; };
    REQUIRE(pool.submit(f, x).get() == 2);
    REQUIRE(pool.submit(f, x, y).get() == 3);
    REQUIRE(pool.submit(f, x, Size{.width = 640}).get() == 641);
    REQUIRE(pool.submit(f).get() == 1);
    REQUIRE(pool.submit(pinfold::trust(f)).get() == 1);
    REQUIRE(pool.submit(f, x).then(g).get() == 20);
    const auto throws = [](int) -> int { throw std::runtime_error("no"); };
    REQUIRE(pool.submit(throws, x).on_error([](std::exception_ptr) { return 7; }).get() == 7);
    try {
        REQUIRE(pool.submit(throws, x).get() == 0);
    } catch (const TaskFailed& failed) {
        REQUIRE(failed.details().exception_text == "no");
    }
}

void ask(Pool& pool) {
    const auto g = [](int value) { return value * 10; };
    auto future = pool.submit(f, x);
    future.wait();
    REQUIRE(future.wait_for(1s) && future.done() && !future.running() && !future.cancelled());
    REQUIRE(future.get() == 2 && future.get_for(1s) == 2);
    REQUIRE(!future.cancel());
    REQUIRE(future.then(g).get() == 20);
    {
        const auto g = [](std::exception_ptr) { return 7; };
        REQUIRE(future.on_error(g).get() == 2);
    }
    std::vector<pinfold::Future<int>> futures;
    for (const int item : xs) {
        futures.push_back(pool.submit(f, item));
    }
    int sum = 0;
    for (auto& done : pinfold::as_completed(futures, 1s)) {
        sum += done.get();
    }
    REQUIRE(sum == 9);
    REQUIRE(pinfold::wait(futures, pinfold::WaitFor::first_completed, 1s).done.size() == 3);
}

void map(Pool& pool) {
    constexpr int n = 2;
    constexpr auto t = 1h;
    const std::vector<int> more{2, 3, 4};
    const std::vector<int> sums{5, 7, 9};
    REQUIRE(pool.map(f, xs).get() == more);
    REQUIRE(pool.map(f, xs).get_for(t) == more);
    REQUIRE(pool.map(f, xs, {.grain = n}).get() == more);
    REQUIRE(pool.map(f, xs, {.look_ahead = n}).get() == more);
    REQUIRE(pool.map(f, xs, {.task = {.deadline = t}}).get() == more);
    std::uint64_t done = 0;
    const auto g = [&done](const pinfold::BatchProgress& progress) { done = progress.done; };
    REQUIRE(pool.map(f, xs, {.progress = g}).get() == more && done == 3);
    REQUIRE(pool.map(f, xs, ys).get() == sums);
    REQUIRE(pool.map(f, pairs).get() == sums);
    auto batch = pool.map(f, xs);
    REQUIRE(batch.get() == more);
    int sum = 0;
    for (auto&& r : pool.map(f, xs)) {
        sum += r;
    }
    for (auto&& r : pool.map_unordered(f, xs)) {
        sum += r;
    }
    REQUIRE(sum == 18);
    {
        const auto g = [](const std::vector<int>& all) { return all.size(); };
        const auto h = [](std::exception_ptr) { return std::size_t{0}; };
        REQUIRE(pool.map(f, xs).then(g).on_error(h).get() == 3);
    }
}

void share(Pool& pool) {
    using T = double;
    auto n = pool.array<int>(1);
    pool.map([n](int) { std::atomic_ref(n[0])++; }, xs).get();
    REQUIRE(n[0] == 3);
    auto a = pool.array<double>(100);
    pool.submit([a] { a[5] = 1.5; }).get();
    REQUIRE(a[5] == 1.5 && pool.array(xs)[2] == 3);
    REQUIRE(pool.strings(std::vector<std::string>{"a", "b"}).size() == 2);
    {
        const std::vector<std::string> xs{"a", "b"};
        REQUIRE(pool.submit([](const pinfold::shm::Strings& all) { return all.size(); },
                            pool.strings(xs))
                    .get() == 2);
        constexpr std::size_t n = 4;
        REQUIRE(pool.array<T>(n).size() == 4);
        const std::string path =
            std::filesystem::temp_directory_path() / ("calls." + std::to_string(getpid()));
        REQUIRE(pool.file_array<T>(path, n).size() == 4);
        REQUIRE(pool.file(path).size() >= 32);
        std::filesystem::remove(path);
    }
    REQUIRE(pool.submit([] { return pinfold::this_worker(); }).get().pid != getpid());
    REQUIRE(pool.workers() >= 1 && pool.completion_fd() >= 0);
}

void start_processes(Pool& pool) {
    {
        pinfold::Process p(pool, [&] { f(x); });
        p.join();
        REQUIRE(p.join_for(1s) && !p.is_alive() && p.exit_code() == 0 && p.pid() > 0);
        REQUIRE(p.error().empty());
    }
    {
        pinfold::Process p(pool, f, {.name = "reader"});
        REQUIRE(p.name() == "reader");
    }
    {
        pinfold::Process p(pool, pause);
        REQUIRE(!p.join_for(0s));
        p.terminate();
        p.join();
        REQUIRE(p.exit_code() == -15);
    }
    {
        pinfold::Process p(pool, pause, {.detached = true});
        p.kill();
        p.join();
        REQUIRE(p.exit_code() == -9);
    }
    const pinfold::Shared shared;
    REQUIRE(pinfold::Process(shared, f).pid() > 0);
}

void put_and_get(Pool& pool) {
    pinfold::Queue<int> q(pool, 64);
    q.put(x);
    REQUIRE(q.put_for(x, 1s) && q.try_put(x) && q.size() == 3);
    REQUIRE(q.get() == x && q.get_for(1s) == x);
    auto job = q.lease();
    REQUIRE(**job == x);
    job->task_done();
    q.join();
    q.close();
    REQUIRE(!q.try_get() && !q.get());
}

void send_and_receive(Pool& pool) {
    auto [a, b] = pinfold::make_pipe<int>(pool, 64);
    a.put(x);
    a.put(y);
    REQUIRE(b.get() == x && b.get_for(1s) == y);
    a.close();
    REQUIRE(!b.get());
    try {
        b.put(x);
        REQUIRE(false);
    } catch (const pinfold::BrokenPipe&) {
        REQUIRE(b.is_other_gone());
    }
    {
        auto [a, b] = pinfold::make_pipe<int, double>(pool, 64);
        b.put(1.5);
        REQUIRE(a.get() == 1.5);
    }
    {
        auto [a, b] = pinfold::make_pipe<int>(pool, 64);
        pinfold::Process p(pool, f, {.uses = {b}});
        REQUIRE(!a.get());  // p has ended
    }
    auto [reader, writer] = pinfold::make_one_way_pipe<int>(pool, 64);
    writer.put(x);
    REQUIRE(reader.get() == x);
}

void lock_and_wait(Pool& pool) {
    pinfold::Mutex mutex(pool);
    pinfold::Condition changed(pool);
    { std::lock_guard guard(mutex); }
    REQUIRE(mutex.try_lock_for(1s));
    mutex.unlock();
    REQUIRE(mutex.try_lock());
    mutex.unlock();
    REQUIRE(!mutex.lock_or_recover());
    mutex.make_consistent();
    mutex.unlock();
    {
        const auto is_ready = [] { return true; };
        std::unique_lock held(mutex);
        changed.wait(held, is_ready);
        changed.notify_one();
        changed.notify_all();
    }
    pinfold::RecursiveMutex rlock(pool);
    const std::lock_guard once(rlock);
    const std::lock_guard twice(rlock);
    pinfold::SharedMutex table_lock(pool);
    const std::shared_lock reader(table_lock);
    pinfold::Event event(pool);
    event.set();
    REQUIRE(event.is_set() && event.wait_for(1s));
    event.clear();
    pinfold::Semaphore signals(pool, 2);
    signals.release();
    signals.acquire();
    pinfold::BoundedSemaphore permits(pool, 2);
    permits.acquire();
    permits.release();
    pinfold::Barrier barrier(pool, 2);
    pinfold::Process other(pool, [&] { barrier.arrive_and_wait(); }, {.uses = {barrier}});
    barrier.arrive_and_wait();
    other.join();
    barrier.reset();
    REQUIRE(!barrier.is_broken() && barrier.members() == 2 && barrier.arrived() == 0);
    barrier.abort();
    REQUIRE(barrier.is_broken());
}

void keep_values(Pool& pool) {
    pinfold::Value<int> n(pool, 0);
    ++n;
    n.update([](int& value) { value *= 2; });
    REQUIRE(n == 2);
    pinfold::LockedArray<double> a(pool, 100);
    std::lock_guard guard(a);
    a[5] = 1.5;
}

struct Started {
    struct promise_type {
        Started get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

Started wait_for(Pool& pool, int& value) {
    value = co_await pool.submit(f, x);
}

void shut_down() {
    int value = 0;
    {
        Pool pool;
        wait_for(pool, value);
        pool.shutdown();
    }
    REQUIRE(value == 2);
    Pool pool({.workers = 1});
    const auto runs = pool.submit([] { pause(); });
    const auto waits = pool.submit([] { pause(); });
    while (!runs.running()) {
        std::this_thread::sleep_for(1ms);
    }
    try {
        runs.get_for(1ms);
    } catch (const Timeout&) {
        value = 3;
    }
    pool.shutdown(pinfold::Shutdown::kill);
    try {
        waits.get();
    } catch (const Cancelled&) {
        value += 4;
    }
    REQUIRE(value == 7);
    pool.shutdown(pinfold::Shutdown::cancel_pending);
    try {
        static_cast<void>(pool.submit(f, x));
    } catch (const std::logic_error&) {
        value = 8;
    }
    REQUIRE(value == 8);
}

void count(Pool& pool) {
    using Key = int;
    using Value = double;
    const auto text = pool.array(std::string("to be or not to be"));
    const auto f = [](std::string_view part, auto& emit) {
        for (const std::string_view word : pinfold::words(part)) {
            emit(word, 1U);
        }
    };
    const auto result = pinfold::map_reduce_by_key(pool, pinfold::Words(text), f, std::plus<>{});
    const auto& counts = result.value;
    REQUIRE(counts.at("be") == 2 && counts.find("Be") == nullptr && counts.contains("to"));
    const std::string_view part = "a,b;;c";
    const auto fields = pinfold::words(part, ",;");
    REQUIRE(std::distance(fields.begin(), fields.end()) == 3);
    REQUIRE(counts.size() == 4 && counts.sorted().front().key == "be");
    REQUIRE(counts.top(3)[1].key == "to" && counts.to_map().at("or") == 1);

    const auto a = pool.array(xs);
    const auto g = [](std::span<const int> part, auto& emit) {
        for (const int item : part) {
            emit(item % 2, item * 0.5);
        }
    };
    const auto sums = pinfold::map_reduce_by_key<Key, Value>(pool, a, g, std::plus<>{});
    REQUIRE(sums.value.at(1) == 2.0);
    const auto groups = pinfold::group_by<Key, Value>(pool, a, g);
    REQUIRE(groups.value.find(1).size() == 2 && groups.value.find(1)[1] == 1.5);
}

int main() {
    make_pools(1);
    {
        Pool pool({.workers = 2});
        submit(pool);
        ask(pool);
        map(pool);
        share(pool);
        start_processes(pool);
        put_and_get(pool);
        send_and_receive(pool);
        lock_and_wait(pool);
        keep_values(pool);
        count(pool);
    }
    shut_down();
    std::cout << "all calls were right\n";
}
