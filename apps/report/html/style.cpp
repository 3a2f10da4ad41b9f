// Colours come from the palette of Okabe and Ito (2008), which people with any colour vision tell
// apart, each darkened or lightened until it has a contrast of 3:1 to the page, and text 4.5:1.
// tests/apps/report/browser_test.py computes both in a browser.

#include "report/html/style.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace pinfold::apps::report {

namespace {

/// A colour in the light and in the dark scheme. Print takes the light one.
struct Colour {
    Paint paint;
    int offset;
    std::string_view light;
    std::string_view dark;
};

constexpr std::array colours{
    Colour{Paint::ink, 0, "#1b1f24", "#e6e8eb"},    Colour{Paint::soft, 0, "#d5d9de", "#363c44"},
    Colour{Paint::shade, 0, "#f0f1f3", "#20252b"},  Colour{Paint::bound, 0, "#6b5b00", "#d9c64a"},
    Colour{Paint::series, 0, "#0072b2", "#56b4e9"}, Colour{Paint::series, 1, "#c04f00", "#ff9a52"},
    Colour{Paint::series, 2, "#007a5a", "#2bd9a5"}, Colour{Paint::series, 3, "#a8437f", "#e79ac4"},
    Colour{Paint::series, 4, "#7a6000", "#f0d75a"}, Colour{Paint::series, 5, "#5a4fb0", "#b3acf5"},
    Colour{Paint::busy, 0, "#c6dcee", "#1f3a52"},   Colour{Paint::busy, 1, "#8fbddd", "#2b5c85"},
    Colour{Paint::busy, 2, "#4f98c9", "#3a80b5"},   Colour{Paint::busy, 3, "#1f78b4", "#4fa3db"},
    Colour{Paint::busy, 4, "#00568a", "#7cc8f7"},   Colour{Paint::waiting, 0, "#c04f00", "#ff9a52"},
    Colour{Paint::idle, 0, "#858b93", "#7d858f"},
};

std::string variables(std::string_view Colour::*scheme) {
    std::string text;
    for (const Colour& colour : colours) {
        text += fmt::format("--p{}:{};", static_cast<int>(colour.paint) + colour.offset,
                            colour.*scheme);
    }
    return text;
}

std::string paint_rules() {
    std::string text;
    for (const Colour& colour : colours) {
        const int number = static_cast<int>(colour.paint) + colour.offset;
        text += fmt::format(".s{0}{{stroke:var(--p{0})}}.f{0}{{fill:var(--p{0})}}", number);
        text += fmt::format(".k{0}{{color:var(--p{0})}}", number);
    }
    return text + "\n";
}

constexpr std::string_view light =
    "--page:#fff;--muted:#57606a;--link:#0a58a8;--box:#f6f7f8;"
    "--alarm:#8a3b00;--node:#f3e3e0;--worker:#cfe3f3;";
constexpr std::string_view dark =
    "--page:#14171b;--muted:#a3acb6;--link:#7cc0ff;--box:#1d2227;"
    "--alarm:#ffb27d;--node:#3a2b28;--worker:#1f3a52;";

constexpr std::string_view rules = R"(
*{box-sizing:border-box}
body{margin:0 auto;padding:0 16px 4rem;max-width:66rem;color:var(--p1);background:var(--page);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;
overflow-wrap:break-word}
h1{font-size:1.7rem;line-height:1.25;margin:2.5rem 0 .5rem}
h2{font-size:1.25rem;margin:3rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--p2)}
h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
p,ul{margin:.6rem 0;max-width:46rem}
li{margin:.3rem 0}
a{color:var(--link)}
code,pre{font:13px/1.5 ui-monospace,"DejaVu Sans Mono",monospace;background:var(--box);
border-radius:4px}
code{padding:.1em .3em}
pre{padding:.7em .9em;white-space:pre-wrap;overflow-wrap:anywhere;margin:.6rem 0}
.lead{font-size:1.1rem}
.muted,figcaption{color:var(--muted);font-size:14px}
.warning ul{margin:.2rem 0;padding-left:1.1rem}
.warning{border-left:4px solid var(--alarm);padding:.1rem 0 .1rem .9rem;margin:.8rem 0}
.warning strong{color:var(--alarm)}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.1rem 1rem;font-size:14px}
.wide{overflow-x:auto;margin:.2rem 0 .9rem}
.wide:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:14px;line-height:1.4}
.caption{color:var(--muted);font-size:14px;margin:.9rem 0 .2rem}
th,td{padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--p2);vertical-align:top;
text-align:left;font-weight:400}
thead th{font-weight:600;vertical-align:bottom}
.numbers td,.numbers thead th+th{text-align:right;padding:.25rem 0 .25rem .9rem;
font-variant-numeric:tabular-nums}
.numbers td{white-space:nowrap}
.words{width:100%}
.words td{overflow-wrap:anywhere}
.words{max-width:46rem}
.words th[scope=row]{width:35%}
.numbers th[scope=row]{min-width:9.5rem}
details{margin:.6rem 0}
summary{cursor:pointer;color:var(--link);font-size:14px}
figure{margin:1.5rem 0}
figcaption{margin-top:.4rem;max-width:46rem}
svg{display:block;max-width:100%;height:auto;fill:none;stroke:none}
svg text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;
fill:var(--p1)}
.broad{display:none}
.legend{list-style:none;padding:0;margin:0 0 .3rem;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;
font-size:14px}
.legend li{margin:0;display:flex;align-items:center;gap:.4rem}
.legend svg{flex:none}
.machine svg{max-width:none}
.machine rect{fill:var(--page);stroke:var(--p1)}
.machine .hPackage,.machine .hGroup,.machine .hDie{fill:var(--box)}
.machine .hNUMANode{fill:var(--node)}
.machine .hCore{fill:var(--p2)}
.machine .hMisc{fill:var(--worker)}
.symbols{position:absolute;width:0;height:0}
@media (min-width:760px){.narrow{display:none}.broad{display:block}}
@media print{body{max-width:none;padding:0;font-size:11pt}.narrow,nav{display:none}
.broad{display:block}figure,tr{break-inside:avoid}h2,h3{break-after:avoid}a{color:inherit}
.wide{overflow:visible}.machine svg{max-width:100%}table{font-size:9.5pt}.numbers{font-size:7.5pt}
.numbers td,.numbers thead th+th{white-space:normal;padding-left:.35rem}
.numbers th[scope=row]{min-width:0;padding-right:.35rem}}
)";

}  // namespace

std::string style_sheet() {
    std::string text = ":root{color-scheme:light dark;";
    text += std::string(light) + variables(&Colour::light) + "}\n";
    text += "@media screen and (prefers-color-scheme:dark){:root{";
    text += std::string(dark) + variables(&Colour::dark) + "}}\n";
    text += "@media print{:root{color-scheme:light}}\n";
    return text + paint_rules() + std::string(rules);
}

}  // namespace pinfold::apps::report
