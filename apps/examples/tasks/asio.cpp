#include <boost/asio.hpp>
#include <iostream>
#include <pinfold/pinfold.hpp>

int square(int x) {
    return x * x;
}

// A loop of Boost.Asio's that goes on with whichever tasks are done.
class Squares {
  public:
    explicit Squares(boost::asio::io_context& loop)
        // The descriptor stays the pool's, so the loop gets one of its own.
        : done_(loop, dup(pool_.completion_fd())) {
        for (int x = 1; x <= 100; ++x) {
            pending_.push_back(pool_.submit(square, x));
        }
        take();
    }
    int sum() const { return sum_; }

  private:
    void take() {
        std::uint64_t completions = 0;  // read first: what ends from here on makes it readable
        if (read(done_.native_handle(), &completions, sizeof completions) > 0) {
            std::erase_if(pending_, [this](pinfold::Future<int>& future) {
                const bool is_done = future.done();
                sum_ += is_done ? future.get() : 0;
                return is_done;
            });
        }
        if (!pending_.empty()) {
            done_.async_wait(done_.wait_read, [this](boost::system::error_code) { take(); });
        }
    }

    pinfold::Pool pool_;
    boost::asio::posix::stream_descriptor done_;
    std::vector<pinfold::Future<int>> pending_;
    int sum_ = 0;
};

int main() {
    boost::asio::io_context loop;
    Squares squares(loop);
    loop.run();
    std::cout << squares.sum() << '\n';
}
