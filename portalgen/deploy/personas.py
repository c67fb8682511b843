"""Readers and searchers as a web server sees them, and which of them ask for a file today."""

from collections.abc import Mapping, Set
from datetime import date
from zlib import crc32

from msgspec import Struct

from portalgen.settings import routes
from portalgen.webserver.headers import type_of

PLAIN = {"User-Agent": "portalgen verify", "Accept": "*/*", "Accept-Encoding": "identity"}
# Real browsers also accept zstd, which Python cannot unpack; servers then choose br.
_CODINGS = "gzip, deflate, br"
_VIETNAMESE = "vi-VN,vi;q=0.9,fr-FR;q=0.8,fr;q=0.7,en-US;q=0.6,en;q=0.5"
_CHROME_ACCEPT = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
    "q=0.8,application/signed-exchange;v=b3;q=0.7"
)
_SAFARI_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
# Versions of late 2025; sites that cloak look for the names.
_CHROME = "143.0.0.0"
_CHROME_MAJOR = _CHROME.partition(".")[0]
_WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/{_CHROME} Safari/537.36"
)
_COC_COC = _WINDOWS.replace(" Chrome/", " coc_coc_browser/149.0.143 Chrome/")
_ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/{_CHROME} Mobile Safari/537.36"
)
_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1"
)
_ZALO = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F Build/UP1A.231005.007; wv) AppleWebKit/537.36 "
    f"(KHTML, like Gecko) Version/4.0 Chrome/{_CHROME} Mobile Safari/537.36 "
    "Zalo android/12110756 ZaloTheme/light ZaloLanguage/vi"
)
_GOOGLEBOT = "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
_GOOGLEBOT_ACCEPT = (
    "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,*/*;"
    "q=0.8"
)
_DESTINATIONS = {"js": "script", "css": "style"}
# Media are asked for by the plain client only: there is no text in them to poison.
_MEDIA = ("image/", "font/", "audio/", "video/")
_ENTRIES = frozenset(
    [*routes.FIXED, routes.MEMBERS, routes.NEWS_SITEMAP, f"{routes.SEARCH_FOLDER}/index.json"]
)


class Persona(Struct, frozen=True):
    """Who asks: a name, and the headers of a request for a page that someone linked to.

    A browser loads scripts and styles with other headers, a crawler with the same.
    """

    name: str
    headers: Mapping[str, str]
    is_browser: bool = False

    def request_headers(self, path: str, home: str) -> dict[str, str]:
        """The headers of a request for a file of the site whose home page is at `home`."""
        use = _DESTINATIONS.get(path.rpartition(".")[2])
        if not self.is_browser or not use:
            return dict(self.headers)
        headers = {
            name: value
            for name, value in self.headers.items()
            if name not in ("Upgrade-Insecure-Requests", "Sec-Fetch-User")
        }
        headers |= {"Accept": "*/*", "Referer": home, "Sec-Fetch-Site": "same-origin"}
        return headers | {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": use}


def _browser(
    name: str, agent: str, referer: str, accept: str, language: str, more: Mapping[str, str]
) -> Persona:
    headers = {**more, "User-Agent": agent, "Accept": accept}
    headers |= {"Sec-Fetch-Site": "cross-site" if referer else "none"}
    headers |= {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    if referer:
        headers["Referer"] = referer
    headers |= {"Accept-Encoding": _CODINGS, "Accept-Language": language}
    return Persona(name, headers, is_browser=True)


def _chromium(name: str, agent: str, referer: str, brand: str, system: str) -> Persona:
    mobile = system == "Android"
    brands = f'"{brand}";v="{_CHROME_MAJOR}", "Chromium";v="{_CHROME_MAJOR}"'
    more = {
        "sec-ch-ua": f'{brands}, "Not A(Brand";v="24"',
        "sec-ch-ua-mobile": f"?{mobile:d}",
        "sec-ch-ua-platform": f'"{system}"',
        "Upgrade-Insecure-Requests": "1",
        "Sec-Fetch-User": "?1",
    }
    if brand == "Android WebView":  # an app names itself to every page it opens
        more["X-Requested-With"] = "com.zing.zalo"
    return _browser(name, agent, referer, _CHROME_ACCEPT, _VIETNAMESE, more)


def _crawler(name: str, agent: str, accept: str = "*/*", codings: str = _CODINGS,
             **more: str) -> Persona:  # fmt: skip
    headers = {"User-Agent": agent, "Accept": accept, **more, "Accept-Encoding": codings}
    return Persona(name, headers)


# Who also asks with a query: of spam, and of a share.
GOOGLEBOT = _crawler(
    "Googlebot smartphone",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 "
    f"(KHTML, like Gecko) Chrome/{_CHROME} Mobile Safari/537.36 {_GOOGLEBOT}",
    _GOOGLEBOT_ACCEPT,
    From="googlebot(at)googlebot.com",
)
SHARED = _browser(
    "Safari iPhone (facebook.com)",
    _IPHONE,
    "https://lm.facebook.com/",
    _SAFARI_ACCEPT,
    "vi-VN,vi;q=0.9",
    {},
)
PERSONAS = (
    _chromium("Chrome Windows (google.com)", _WINDOWS, "https://www.google.com/",
              "Google Chrome", "Windows"),
    _chromium("Chrome Android (google.com.vn)", _ANDROID, "https://www.google.com.vn/",
              "Google Chrome", "Android"),
    _chromium("Cốc Cốc Windows (coccoc.com)", _COC_COC, "https://coccoc.com/",
              "CocCoc", "Windows"),
    _chromium("Edge Windows (bing.com)", f"{_WINDOWS} Edg/{_CHROME}", "https://www.bing.com/",
              "Microsoft Edge", "Windows"),
    _chromium("Zalo Android", _ZALO, "", "Android WebView", "Android"),
    SHARED,
    GOOGLEBOT,
    _crawler("Googlebot desktop",
             "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; "
             f"+http://www.google.com/bot.html) Chrome/{_CHROME} Safari/537.36",
             _GOOGLEBOT_ACCEPT, From="googlebot(at)googlebot.com"),
    _crawler("bingbot",
             "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; "
             f"+http://www.bing.com/bingbot.htm) Chrome/{_CHROME} Safari/537.36",
             From="bingbot(at)microsoft.com"),
    _crawler("coccocbot",
             "Mozilla/5.0 (compatible; coccocbot-web/1.0; +http://help.coccoc.com/searchengine)",
             codings="gzip, deflate"),
    _crawler("facebookexternalhit",
             "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
             codings="deflate, gzip"),
)  # fmt: skip


def is_entry(path: str, paths: Set[str]) -> bool:
    """Whether readers or searchers begin here, or every page needs the file.

    A folder's first page is an entry if it is a section, which has a feed: there may be thousands
    of old addresses of that form.
    """
    if path in _ENTRIES or path.endswith((".js", ".css")):
        return True
    if path.startswith("sitemap-") and path.endswith(".xml"):
        return True
    folder, _, name = path.rpartition("/")
    section = {f"{folder}/index.html", f"{folder}/rss.xml"}
    return "/" not in folder and name in ("index.html", "rss.xml") and section <= paths


def personas_for(path: str, paths: Set[str], day: date) -> tuple[Persona, ...]:
    """Who asks for a file on a day: all for an entry, else one, who is another each day."""
    if is_entry(path, paths):
        return PERSONAS
    if type_of(path).startswith(_MEDIA):
        return ()
    return (PERSONAS[(crc32(path.encode()) + day.toordinal()) % len(PERSONAS)],)
