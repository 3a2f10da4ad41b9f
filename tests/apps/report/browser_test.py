#!/usr/bin/python3
"""Opens the pages of a directory in headless Chromium and checks what only a browser can tell.

    browser_test.py DIRECTORY [--pictures DIRECTORY]

Each page at widths of 400, 800 and 1400 px, light, dark and printed, folded and unfolded: no console message, no request
for anything but the page, no horizontal overflow, no id twice, no text below 11 px at 400 px, no label
over another or cut off, and a contrast of 4.5:1 for text and of 3:1 for marks. With --pictures it
keeps screenshots for people. Exit status 77: this machine cannot do it, and the last line says why.
"""

import json
import os
import pathlib
import sys
import tempfile

SKIPPED = 77
NARROW = 400
PRINTED = 718  # A4 without its margins, at 96 pixels an inch
# Each width and each scheme; the widths have no colours of their own.
VIEWS = (
    (NARROW, "light"),
    (NARROW, "dark"),
    (800, "dark"),
    (1400, "light"),
    (PRINTED, "print"),
)

# Runs in the page; returns a list of what is wrong.
LOOK = r"""
const [width, scheme] = arguments;
const wrong = [];
const seen = e => e.checkVisibility ? e.checkVisibility() : e.getClientRects().length > 0;
const root = document.documentElement;
if (root.scrollWidth > window.innerWidth) wrong.push('overflow: ' + root.scrollWidth);

const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
ids.filter((id, at) => ids.indexOf(id) != at).forEach(id => wrong.push('id twice: ' + id));
document.querySelectorAll('use, a[href^="#"]').forEach(e => {
  const target = e.getAttribute('href');
  if (!ids.includes(target.slice(1))) wrong.push('no target: ' + target);
});
document.querySelectorAll('svg[role=img]').forEach(e => {
  if (!e.getAttribute('aria-label')) wrong.push('a drawing without words');
});

const numbers = text => (text.match(/[\d.]+/g) || []).map(Number);
const luminance = ([r, g, b]) => {
  const part = v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  return .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
};
const contrast = (a, b) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + .05) / (low + .05);
};
const paper = e => {
  for (; e; e = e.parentElement) {
    const colour = numbers(getComputedStyle(e).backgroundColor);
    if (colour.length == 3 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
// What is painted below a label: the last box before it that holds its middle.
const below = text => {
  const box = text.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  let colour = paper(text.ownerSVGElement);
  for (const rect of text.ownerSVGElement.querySelectorAll('rect')) {
    const r = rect.getBoundingClientRect();
    if (rect.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING &&
        r.left <= x && x <= r.right && r.top <= y && y <= r.bottom)
      colour = numbers(getComputedStyle(rect).fill);
  }
  return colour;
};
const check = (name, size, ink, ground) => {
  if (size < 11 && scheme != 'print') wrong.push(`${size.toFixed(1)} px: ${name}`);
  const found = contrast(ink, ground);
  if (found < 4.5) wrong.push(`text contrast ${found.toFixed(2)}: ${name}`);
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const known = new Set();
for (let node; node = walker.nextNode();) {
  const e = node.parentElement;
  if (!node.data.trim() || e.closest('svg') || known.has(e) || !seen(e)) continue;
  known.add(e);
  const style = getComputedStyle(e);
  check(node.data.trim().slice(0, 40), parseFloat(style.fontSize), numbers(style.color), paper(e));
}

document.querySelectorAll('svg[role=img]').forEach(svg => {
  if (!seen(svg)) return;
  const frame = svg.getBoundingClientRect();
  const labels = [...svg.querySelectorAll('text')];
  const boxes = labels.map(e => e.getBoundingClientRect());
  labels.forEach((e, at) => {
    const style = getComputedStyle(e);
    const scale = Math.hypot(e.getScreenCTM().a, e.getScreenCTM().b);
    check(e.textContent, parseFloat(style.fontSize) * scale, numbers(style.fill), below(e));
    const box = boxes[at];
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 ||
        box.bottom > frame.bottom + 1)
      wrong.push(`cut off: ${e.textContent} in ${svg.getAttribute('aria-label').slice(0, 40)}`);
    for (let other = 0; other < at; ++other) {
      const b = boxes[other];
      if (box.left < b.right - 1 && b.left < box.right - 1 && box.top < b.bottom - 3 &&
          b.top < box.bottom - 3)
        wrong.push(`"${e.textContent}" over "${labels[other].textContent}" in ` +
                   svg.getAttribute('aria-label').slice(0, 40));
    }
  });
});

const variable = name => {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = numbers(getComputedStyle(probe).color);
  probe.remove();
  return colour;
};
for (const number of [1, 4, 10, 11, 12, 13, 14, 15, 24, 30, 31]) {
  const found = contrast(variable('--p' + number), variable('--page'));
  if (found < 3) wrong.push(`mark contrast ${found.toFixed(2)}: --p${number}`);
}
const dark = luminance(paper(document.body)) < .5;
if (dark != (scheme == 'dark')) wrong.push('the page does not follow the scheme');
document.querySelectorAll('figure').forEach(figure => {
  const shown = [...figure.querySelectorAll('svg[role=img]')].filter(seen).length;
  if (figure.querySelector('svg[role=img]') && shown != 1) wrong.push(shown + ' drawings shown');
});
return wrong;
"""


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)


def start_browser(profile):
    try:
        from selenium import webdriver
        from selenium.common.exceptions import WebDriverException
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        skip("Python's selenium is not installed (Debian's package python3-selenium)")
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    driver = "/usr/bin/chromedriver"
    for path in (options.binary_location, driver):
        if not os.access(path, os.X_OK):
            skip(f"{path} is not there (Debian's packages chromium and chromium-driver)")
    for argument in (
        "--headless=new",
        "--no-sandbox",  # refused to root, and in most containers
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    try:
        return webdriver.Chrome(service=Service(driver), options=options)
    except WebDriverException as error:
        skip(f"Chromium does not start here: {error.msg.splitlines()[0]}")


def set_view(browser, width, scheme, height=900):
    command = browser.execute_cdp_cmd
    feature = {"name": "prefers-color-scheme", "value": "dark" if scheme == "dark" else "light"}
    command(
        "Emulation.setEmulatedMedia",
        {"media": "print" if scheme == "print" else "screen", "features": [feature]},
    )
    command(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )


def requests(browser):
    """What the page asked for since the last call, but for itself and what it holds."""
    urls = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith("data:") and message["params"].get("type") != "Document":
                urls.append(url)
    return urls


def take_picture(browser, width, scheme, path):
    height = browser.execute_script("return document.documentElement.scrollHeight")
    set_view(browser, width, scheme, height)
    browser.save_screenshot(str(path))


def look_at(browser, page, pictures):
    """What is wrong with a page, a line each."""
    wrong = []
    if page.stat().st_size >= 300_000:
        wrong.append(f"{page.stat().st_size} bytes")
    set_view(browser, *VIEWS[0])
    browser.get_log("performance")
    browser.get(page.as_uri())
    for width, scheme in VIEWS:
        set_view(browser, width, scheme)
        if pictures:
            take_picture(browser, width, scheme, pictures / f"{page.stem}_{width}_{scheme}.png")
            set_view(browser, width, scheme)
        unfold = "document.querySelectorAll('details').forEach(e => e.open = arguments[0])"
        browser.execute_script(unfold, scheme != "dark")
        for line in browser.execute_script(LOOK, width, scheme):
            wrong.append(f"{width} px, {scheme}: {line}")
        browser.execute_script(unfold, False)
    wrong += [f"console: {entry['message']}" for entry in browser.get_log("browser")]
    wrong += [f"request: {url}" for url in requests(browser)]
    return [f"{page.name}: {line}" for line in dict.fromkeys(wrong)]


def main():
    directory = pathlib.Path(sys.argv[1]).resolve()
    pictures = pathlib.Path(sys.argv[3]) if sys.argv[2:3] == ["--pictures"] else None
    pages = sorted(directory.glob("*.html"))
    if not pages:
        sys.exit(f"no page is in {directory}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = start_browser(profile)
        try:
            wrong = [line for page in pages for line in look_at(browser, page, pictures)]
        finally:
            browser.quit()
    for line in wrong:
        print(line)
    print(f"{len(pages)} pages, {len(wrong)} faults")
    sys.exit(1 if wrong else 0)


main()
