"""The parts of an nginx configuration that are the same for every host."""

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
    405: ("Ở đây chỉ đọc được, không gửi được.", "This site can only be read."),
    414: ("Địa chỉ này quá dài.", "This address is too long."),
    500: ("Máy chủ gặp lỗi. Hãy thử lại sau.", "The server has an error. Try again later."),
    503: ("Trang tạm ngừng. Hãy thử lại sau.", "The site is down. Try again later."),
}
_PAGES = "\n".join(
    f'    {status} "<!doctype html><html lang=vi><meta charset=utf-8>'
    "<meta name=viewport content='width=device-width'>"
    f'<title>{status}</title><h1>{status}</h1><p>{vi}<p lang=en>{en}";'
    for status, (vi, en) in _ERRORS.items()
)
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
    "~^(200|404) \\.br$" "br";
    "~^(200|404) \\.gz$" "gzip";
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
# A response never mixes two releases: `map` resolves the link once per request. (`set` would do so
# twice, for length and text, and fail if they differ.) `alias` finds the compressed file, so that
# the address keeps its suffix and the response its type. Ranges are served from the plain file.
# The answer to one outside has all headers already; one of its own that is empty keeps them single.
#
# `$uri` has its slashes merged, and browsers take a backslash for one, so no redirect leads to
# another host.
FIND_FILE = """\
    error_page 404 "$portal_base/404.html";
    error_page 416 @portal_beyond;
    if ($request_uri ~* "^[^?]*(%2f|%5c|[\\x00-\\x20\\x5c\\x7f])") {
        return 400;
    }
    if ($portal_moved) {
        return 301 $portal_moved;
    }
    if ($portal_detour) {
        rewrite "(?s)^(.*?)((?<=/)index\\.html)?\\z" $1 permanent;
    }
    if ($portal_site = "") {
        return 404;
    }
    if ($uri ~ "/\\.(?!well-known/)") {
        return 404;
    }
    if ($portal_release = "") {
        return 503;
    }
    set $portal_file "$portal_release/$portal_site$portal_path";
    set $portal_packed "";
    if (-f "$portal_file$portal_gz") {
        set $portal_packed ".gz";
    }
    if (-f "$portal_file$portal_br") {
        set $portal_packed ".br";
    }
    if ($http_range) {
        set $portal_packed "";
    }
    location @portal_beyond {
        add_header Cache-Control "";
        return 416;
    }
    location = "/favicon.ico" {
        access_log off;
        if (!-f "$portal_file") {
            return 204;
        }
        alias "$portal_file$portal_packed";
    }
    location ~ "^" {
        alias "$portal_file$portal_packed";
    }"""
