"""The parts of an nginx configuration that are the same for every host."""

from portalgen.webserver.headers import BRIEFLY, FOREVER, POLICY

SECURITY = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000"}  # RFC 6797: never over plain http
# A client accepts a coding that it names with a weight other than 0 (RFC 9110, 12.5.3); "/" stands
# for none, as no file name ends in it. Names that change with their content are those of
# `themes/assets.py` and `content/images.py`. The lifetime is volatile, as the status may change.
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
map "$status $portal_path" $portal_cache {{
    volatile;
    default "no-store";
    "~^(200|304) /assets/.+\\.[0-9a-f]{{8}}(\\.[a-z0-9]+)?$" "{FOREVER}";
    "~^(200|304) /media/[0-9a-f]{{16}}-[^/]+$" "{FOREVER}";
    "~^(200|301|304) " "{BRIEFLY}";
}}
map $request_method $portal_allow {{
    default "GET, HEAD";
    "GET" "";
    "HEAD" "";
}}
map $host $portal_release {{
    default $realpath_root;
}}"""
# These override the `http` block of nginx.conf: no stale files, no second compression, and no
# redirect that begins with two slashes.
SERVER_OPTIONS = """\
    server_tokens off;
    merge_slashes on;
    absolute_redirect off;
    uninitialized_variable_warn off;
    open_file_cache off;
    gzip off;
    etag on;"""
VARIABLE_HEADERS = """\
    add_header Cache-Control $portal_cache always;
    add_header Content-Encoding $portal_coding always;
    add_header Vary "Accept-Encoding" always;
    add_header Allow $portal_allow always;"""
READ_ONLY = """\
    if ($request_method !~ "^(GET|HEAD)$") {
        return 405;
    }"""
# A response never mixes two releases: `map` resolves the link once per request. (`set` would do so
# twice, for length and text, and fail if they differ.) `alias` finds the compressed file, so that
# the address keeps its suffix and the response its type. Ranges are served from the plain file:
# nginx adds headers before it finds that a range lies outside.
FIND_FILE = """\
    error_page 404 "$portal_base/404.html";
    if ($portal_site = "") {
        return 404;
    }
    if ($request_uri ~* "^[^?]*%(2f|5c)") {
        return 400;
    }
    if ($uri ~ "/\\.(?!well-known/)") {
        return 404;
    }
    if ($portal_moved) {
        return 301 $portal_moved;
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
    location ~ "^" {
        alias "$portal_file$portal_packed";
    }"""
