// Items that cannot be copied.
// error: cannot be copied
#include <list>
#include <pinfold/pinfold.hpp>
#include <string>

struct Item {
    explicit Item(int n) : number(n) {}
    Item(const Item&) = delete;
    int number;
    std::string name;
};

int main() {
    pinfold::Pool pool;
    std::list<Item> items;
    items.emplace_back(1);
    return pool.map([](const Item& x) { return x.number; }, items).get().at(0);
}
