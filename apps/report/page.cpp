#include "report/page.hpp"

#include "report/page_text.hpp"
#include "study/study_store.hpp"

namespace pinfold::apps {

void write_page(const Study& study, const Analysis& analysis, const std::string& directory) {
    replace_file(directory + "/index.html", report::page_text(study, analysis, {}));
}

}  // namespace pinfold::apps
