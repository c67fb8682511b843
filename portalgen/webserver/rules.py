"""The parts of an nginx configuration that are the same for every host."""

from portalgen.settings.routes import MOVED as MARKERS
from portalgen.webserver.headers import BRIEFLY, FOREVER, POLICY, WEEKLY

SECURITY = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000"}  # RFC 6797: never over plain http
# What nginx answers itself, in the languages of readers. The text may hold neither `$` nor `"`.
_ERRORS = {
    400: ("Máy chủ không hiểu yêu cầu này.", "The server cannot understand this request."),
    403: ("Không được phép xem địa chỉ này.", "This address may not be seen."),
    410: ("Trang này đã được gỡ.", "This page was taken away."),
    405: ("Ở đây chỉ đọc được, không gửi được.", "This site can only be read."),
    414: ("Địa chỉ này quá dài.", "This address is too long."),
    500: ("Máy chủ gặp lỗi. Hãy thử lại sau.", "The server has an error. Try again later."),
    503: ("Trang tạm ngừng. Hãy thử lại sau.", "The site is down. Try again later."),
}
_TEXTS = {
    status: "<!doctype html><html lang=vi><meta charset=utf-8>"
    "<meta name=viewport content='width=device-width'>"
    f"<title>{status}</title><h1>{status}</h1><p>{vi}<p lang=en>{en}"
    for status, (vi, en) in _ERRORS.items()
}
_PAGES = "\n".join(f'    {status} "{text}";' for status, text in _TEXTS.items() if status != 410)
# A client accepts a coding that it names with a weight other than 0 (RFC 9110, 12.5.3); "/" stands
# for none, as no file name ends in it. Names that change with their content are those of
# `themes/assets.py` and `content/images.py`. What depends on the status is volatile, as that may
# change.
#
# nginx adds headers before it finds that a range lies outside. So caches keep only parts that never
# do, those from the first byte on: they would keep a 416 too and give it to all as the file.
MAPS = f"""\
map $http_accept_encoding $portal_br {{
    default "/";
    "~*(^|[\\s,])br\\s*(?!;\\s*q=0(\\.0*)?\\s*(,|$))(;|,|$)" ".br";
}}
map $http_accept_encoding $portal_gz {{
    default "/";
    "~*(^|[\\s,])gzip\\s*(?!;\\s*q=0(\\.0*)?\\s*(,|$))(;|,|$)" ".gz";
}}
map "$status $portal_packed" $portal_coding {{
    default "";
    "~^(200|404|410) \\.br$" "br";
    "~^(200|404|410) \\.gz$" "gzip";
}}
map $http_range $portal_part {{
    default " part";
    "" "";
    "~^bytes=0-[0-9]{{0,18}}$" "";
}}
map "$status$portal_part $portal_path" $portal_cache {{
    volatile;
    default "no-store";
    "~^(200|304( part)?) /assets/.+\\.[0-9a-f]{{8}}(\\.[a-z0-9]+)?$" "{FOREVER}";
    "~^(200|304( part)?) /media/[0-9a-f]{{16}}-[^/]+$" "{FOREVER}";
    "~^(200|304( part)?) /" "{BRIEFLY}";
    "~^301" "{BRIEFLY}";
    "~^204" "{WEEKLY}";
}}
map $status $portal_allow {{
    volatile;
    default "";
    405 "GET, HEAD";
}}
map $status $portal_error {{
    volatile;
    default "";
{_PAGES}
}}
map $host $portal_release {{
    default $realpath_root;
}}
map $host $portal_host {{
    default $host;
    "" "-";
}}
log_format portalgen '$remote_addr - $remote_user [$time_local] "$request" $status '
    '$body_bytes_sent "$http_referer" "$http_user_agent" $portal_host';"""
# These override the `http` block of nginx.conf: no stale files, no second compression, and no
# redirect that begins with two slashes. A missing page is in the access log, with its host.
#
# A page for an error is made in a second pass through the server, in which `$status` is set; only
# there, as nothing from outside sets it. (A named location would be no use for an address that
# nginx cannot read.)
SERVER_OPTIONS = """\
    server_tokens off;
    merge_slashes on;
    absolute_redirect off;
    uninitialized_variable_warn off;
    open_file_cache off;
    gzip off;
    etag on;
    log_not_found off;
    recursive_error_pages off;
    error_page 400 403 405 414 494 497 500 503 "/error.html";
    if ($portal_error) {
        return 500 $portal_error;
    }"""
VARIABLE_HEADERS = """\
    add_header Cache-Control $portal_cache always;
    add_header Content-Encoding $portal_coding always;
    add_header Vary "Accept-Encoding" always;
    add_header Allow $portal_allow always;"""
READ_ONLY = """\
    if ($request_method !~ "^(GET|HEAD)$") {
        return 405;
    }"""
# Of the pages for errors, in servers that have no other files.
ERROR_TYPE = """\
    types {
        "text/html; charset=utf-8" html;
    }"""
# Browsers ask for it at every host, also where no site is at the top.
NO_ICON = """\
    if ($uri = "/favicon.ico") {
        return 204;
    }"""
# The files of other programs, which do not belong into a release; there may be none yet. Names are
# those that RFC 8555 allows.
_CHALLENGE = "/\\.well-known/acme-challenge/[A-Za-z0-9_-]+\\z"
CHALLENGE_FIRST = f"""\
    if ($uri ~ "^{_CHALLENGE}") {{
        break;
    }}"""
CHALLENGE = f"""\
    location ~ "^{_CHALLENGE}" {{
        root %s;
        disable_symlinks on from=$document_root;
        types {{ }}
        default_type "text/plain; charset=utf-8";
        try_files $uri =404;
    }}"""
# Whether a page has a plainer address, asked before that of a folder becomes that of its page. One
# with a question mark in it has none, as `rewrite` would make that the start of a query; the page
# for a 404 has none, as `$request_uri` is still the reader's.
PLAIN_ADDRESS = """\
    set $portal_detour "";
    if ($uri ~ "^[^?]*/index\\.html\\z") {
        set $portal_detour 1;
    }
    if ($request_uri ~* "^(?![^?]*%3f)[^?#]*//") {
        set $portal_detour 1;
    }
    if ($status = 404) {
        set $portal_detour "";
    }
    rewrite "/\\z" "${uri}index.html";"""
# Of old addresses. A rule begins with the name of its marker, which only a release with that rule
# has: a map that is older than the release redirects nobody in circles, and hides no page that came
# back. Then comes what it does: `=` and an address, `!` for gone, `*` and what takes the place of a
# prefix: site, path, address. A prefix is only asked where no file is; if the path that it leads to
# has moved, that is looked up at once, so that there is never a second redirect. What was taken
# away has a marker of its own, by its path: an older map need not know it.
#
# In a site that is elsewhere, `$portal_away` is its address without the last slash; `$portal_keeps`
# says whether it has all paths, or leads home where it has no such file. None of this is for the
# page of an error, in whose pass `$status` is set. Captures have names, as nginx would encode the
# numbered ones again for a request with `%xx`. A path with a question mark is not carried over,
# as `rewrite` would make that the start of a query.
_MOVED = f"""\
    if ($request_uri ~* "^[^?]*(%2f|%5c|[\\x00-\\x20\\x5c\\x7f])") {{
        return 400;
    }}
    if ($portal_release = "") {{
        return 503;
    }}
    set $portal_file "$portal_release/$portal_site$portal_path";
    set $portal_key "$portal_site$portal_path";
    set $portal_lost $portal_key;
    set $portal_stands "";
    if (-d "$portal_file") {{
        set $portal_stands "folder";
        set $portal_lost "";
    }}
    if (-f "$portal_file") {{
        set $portal_stands "file";
        set $portal_lost "";
    }}
    set $portal_rule $portal_moved;
    if ($portal_rule = "") {{
        set $portal_rule $portal_prefix;
    }}
    set $portal_way "";
    set $portal_target "";
    set $portal_proof "";
    if ($portal_rule ~ "^(?<portal_a>[0-9a-f]{{12}})(?<portal_b>[=!*])(?<portal_c>.*)\\z") {{
        set $portal_proof "$portal_site/{MARKERS}/$portal_a";
        set $portal_way $portal_b;
        set $portal_target $portal_c;
    }}
    if (!-f "$portal_release/$portal_proof") {{
        set $portal_way "";
    }}
    if (-f "$portal_release/$portal_site/{MARKERS}/gone$portal_path.410") {{
        set $portal_way "!";
        set $portal_target "";
    }}
    if ($status ~ "^[45]") {{
        set $portal_way "";
        set $portal_away "";
    }}
    set $portal_then "";
    set $portal_proof "";
    set $portal_after "$portal_way$portal_target";
    if ($portal_after ~ "^\\*(?<portal_d>\\S*) (?<portal_e>.*) (?<portal_f>\\S+)\\z") {{
        set $portal_proof "$portal_d/{MARKERS}";
        set $portal_key "$portal_d$portal_e$portal_rest";
        set $portal_target $portal_f;
        set $portal_then $portal_page;
    }}
    if ($portal_then ~ "^(?<portal_g>[0-9a-f]{{12}})(?<portal_h>[=!])(?<portal_i>.*)\\z") {{
        set $portal_proof "$portal_proof/$portal_g";
        set $portal_then $portal_h;
        set $portal_after $portal_i;
    }}
    if (!-f "$portal_release/$portal_proof") {{
        set $portal_then "";
    }}
    if ($portal_then) {{
        set $portal_way $portal_then;
        set $portal_target $portal_after;
    }}
    if ($portal_way = "!") {{
        return 410;
    }}
    if ($portal_way = "=") {{
        return 301 $portal_target;
    }}
    if ($portal_way = "*") {{
        rewrite "(?s)^.*\\z" "/$portal_rest";
        rewrite "(?s)^/(.*?)((?<=/)index\\.html)?\\z" "$portal_target$1?" permanent;
    }}
    set $portal_step "";
    if ($portal_path ~ "\\?") {{
        set $portal_stands "";
        set $portal_keeps "";
    }}
    if ($portal_away) {{
        set $portal_step "$portal_keeps $portal_stands";
    }}
    if ($portal_step ~ "folder\\z") {{
        rewrite "(?s)^.*\\z" "$portal_path";
        rewrite "(?s)^(.*)\\z" "$portal_away$1/" permanent;
    }}
    if ($portal_step ~ "^keeps|file\\z") {{
        rewrite "(?s)^.*\\z" "$portal_path";
        rewrite "(?s)^(.*?)((?<=/)index\\.html)?\\z" "$portal_away$1" permanent;
    }}
    if ($portal_step) {{
        return 301 "$portal_away/";
    }}"""
# A response never mixes two releases: `map` resolves the link once per request. (`set` would do so
# twice, for length and text, and fail if they differ.) `alias` finds the compressed file, so that
# the address keeps its suffix and the response its type. Ranges are served from the plain file.
# The answer to one outside has all headers already; one of its own that is empty keeps them single.
#
# `$uri` has its slashes merged, and browsers take a backslash for one, so no redirect leads to
# another host.
FIND_FILE = f"""\
    error_page 404 "$portal_base/404.html";
    error_page 410 "$portal_base/410.html";
    error_page 416 @portal_beyond;
{_MOVED}
    if ($portal_detour) {{
        rewrite "(?s)^(.*?)((?<=/)index\\.html)?\\z" $1 permanent;
    }}
    if ($portal_site = "") {{
        return 404;
    }}
    if ($uri ~ "/\\.(?!well-known/)") {{
        return 404;
    }}
    set $portal_stands "$status $portal_stands";
    if ($portal_stands = "410 ") {{
        return 410 "{_TEXTS[410]}";
    }}
    set $portal_packed "";
    if (-f "$portal_file$portal_gz") {{
        set $portal_packed ".gz";
    }}
    if (-f "$portal_file$portal_br") {{
        set $portal_packed ".br";
    }}
    if ($http_range) {{
        set $portal_packed "";
    }}
    location @portal_beyond {{
        add_header Cache-Control "";
        return 416;
    }}
    location = "/favicon.ico" {{
        access_log off;
        if (!-f "$portal_file") {{
            return 204;
        }}
        alias "$portal_file$portal_packed";
    }}
    location ~ "^" {{
        alias "$portal_file$portal_packed";
    }}"""
