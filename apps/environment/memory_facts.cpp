#include "environment/facts.hpp"

namespace pinfold::apps {

namespace {

/// The word in brackets of "always [madvise] never".
std::optional<std::string> chosen(const std::optional<std::string>& text) {
    if (!text) {
        return std::nullopt;
    }
    const std::size_t begin = text->find('[');
    const std::size_t end = text->find(']', begin);
    if (begin == std::string::npos || end == std::string::npos) {
        return std::nullopt;
    }
    return text->substr(begin + 1, end - begin - 1);
}

void add_size(Facts& facts, const MachineFiles& files, const char* name, const char* key) {
    const auto text = files.entry("proc/meminfo", key);
    const auto kib = text ? leading_number(*text) : std::nullopt;
    facts.add(name, kib ? std::optional(*kib * 1024) : std::nullopt, "B");
}

}  // namespace

std::vector<Fact> memory_facts(const MachineFiles& files, const CpusInUse& cpus) {
    const std::string pages = "sys/kernel/mm/transparent_hugepage/";
    Facts facts("memory");
    add_size(facts, files, "total", "MemTotal");
    add_size(facts, files, "available", "MemAvailable");
    add_size(facts, files, "swap", "SwapTotal");
    facts.add("NUMA nodes",
              cpus.numa_nodes ? std::optional<double>(*cpus.numa_nodes) : std::nullopt, "");
    facts.add("transparent huge pages", chosen(files.line(pages + "enabled")));
    facts.add("huge pages of shared memory", chosen(files.line(pages + "shmem_enabled")));
    return facts.take();
}

}  // namespace pinfold::apps
