"""`portalgen nginx`."""

import sys
import time
from pathlib import Path

import click

from portalgen.commands.common import (
    DONE,
    LANG,
    REFUSED,
    ROOT,
    STATE,
    exit_on_error,
    in_existing_folder,
    language_of,
    print_problems,
)
from portalgen.problems import Problems, Words


def _folder(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """A folder on the server, which may be another computer; without a slash at its end."""
    from portalgen.webserver.nginx import fits

    if value is None:
        return ""
    if not (value.startswith("/") and fits(value.replace("{host}", "x" * 253))):
        raise click.BadParameter(
            "must begin with / and hold neither $ nor invisible characters", ctx, param
        )
    return value.rstrip("/") or "/"


def _log(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A file on the server; empty if it is off."""
    return "" if value == "off" else _folder(ctx, param, value)


def _listen(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, int]:
    """An address as nginx writes it, empty for all, and a port."""
    from ipaddress import IPv4Address, IPv6Address

    address, _, port = value.rpartition(":")
    try:
        if address.startswith("[") and address.endswith("]") and "%" not in address:
            address = f"[{IPv6Address(address[1:-1])}]"
        elif address:
            address = str(IPv4Address(address))
        if port.isascii() and port.isdigit() and 1 <= int(port) <= 65535:
            return address, int(port)
    except ValueError:
        pass
    raise click.BadParameter("expected 80, 127.0.0.1:8080 or [::1]:8080", ctx, param)


@click.command("nginx")
@ROOT
@STATE
@click.option(
    "--document-root", required=True, metavar="DIR", callback=_folder,
    help="Folder on the server that holds a folder for each site: TARGET/current.",
)  # fmt: skip
@click.option(
    "--certificates", metavar="DIR", callback=_folder,
    help="Folder of fullchain.pem and privkey.pem; {host} stands for the host. Else plain http.",
)  # fmt: skip
@click.option(
    "--acme-root", metavar="DIR", callback=_folder,
    help="Folder of ACME challenges, for certbot --webroot -w DIR; outside the document root.",
)  # fmt: skip
@click.option(
    "--without-certificate", "uncertified", multiple=True, metavar="HOST",
    help="A host that has no certificate, such as an old one: plain http only; may be repeated.",
)  # fmt: skip
@click.option(
    "--access-log", default="/var/log/nginx/access.log", show_default=True, metavar="FILE|off",
    callback=_log, help="Access log with the host, on the server.",
)  # fmt: skip
@click.option(
    "--listen", default="80", show_default=True, metavar="[ADDRESS:]PORT", callback=_listen,
    help="Where to listen for plain http.",
)  # fmt: skip
@click.option(
    "--output", type=click.Path(path_type=Path), callback=in_existing_folder,
    help="Output file; by default standard output.",
)  # fmt: skip
@LANG
def command(
    root: Path, state: Path | None, document_root: str, certificates: str,
    acme_root: str, uncertified: tuple[str, ...], access_log: str, listen: tuple[str, int],
    output: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Write an nginx configuration for all sites."""
    from portalgen.content.images import write_whole
    from portalgen.output.foreign import check_apart
    from portalgen.report import Options
    from portalgen.webserver.nginx import Setup, configuration, servable
    from portalgen.webserver.redirects import find_redirects

    if f"{acme_root}/".startswith(f"{document_root}/"):
        raise click.UsageError("--acme-root must be outside --document-root")
    hosts = frozenset(host.lower() for host in uncertified)
    setup = Setup(document_root, *listen, certificates, acme_root, access_log, hosts)
    problems = Problems()
    with exit_on_error(Words(lang or language_of(root)), limit=0):
        if output:
            check_apart(root, output)
        options = Options(root, root / "public", int(time.time()), state=state)
        network, redirects = find_redirects(options, problems)
        lang = lang or network.main.language
        network, unfit = servable(network)
        problems.extend(unfit)
        head = Words(lang)("nginx-head", folder=setup.document_root)
        text = configuration(network, redirects, setup, head)
        if output:
            write_whole(output.resolve(), text.encode())
    print_problems(sorted(set(problems.items)), Words(lang))
    click.echo(Words(lang)("nginx-written", output=output) if output else text, nl=bool(output))
    sys.exit(REFUSED if problems.items else DONE)
