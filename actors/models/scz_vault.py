"""A secret in Azure Key Vault, read by a service principal (OAuth 2 client credentials).

The token goes to the vault's own host alone: a vault's name that is none does not become one.
"""

import os
import re
from collections.abc import Mapping
from http import HTTPStatus

from msgspec import Struct

from actors.models.scz_exchange import (
    Answer,
    Exchange,
    SczError,
    build,
    checked,
    read,
    read_token,
)
from actors.package.sealed.key import Key

API_VERSION = "7.4"
MOST_ANSWER_BYTES = 64 << 10
AUTHORITY = "https://login.microsoftonline.com"
ENVIRONMENT = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
TENANT = re.compile(r"[A-Za-z0-9.-]{1,255}")
VAULT = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]")
SECRET = re.compile(r"[A-Za-z0-9-]{1,127}")
CODE = re.compile(rb"AADSTS[0-9]{1,7}")  # the one word of a refusal that helps, and no secret
REFUSED: tuple[int, ...] = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED)


class Azure(Struct, frozen=True):
    """Who we are in Azure, and in which: a sovereign cloud has its own authority and vaults."""

    tenant: str
    client_id: str
    secret: Key
    authority: str = AUTHORITY
    vault: str = "https://{vault}.vault.azure.net"
    scope: str = "https://vault.azure.net/.default"


class Secret(Struct, frozen=True):
    """A secret as the vault gives it."""

    value: str

    def __repr__(self) -> str:
        return "Secret(***)"


def azure_from(environ: Mapping[str, str] = os.environ) -> Azure:
    """The service principal where Azure's own libraries look for it too."""
    missing = [name for name in ENVIRONMENT if not environ.get(name)]
    if missing:
        raise SczError(f"{', '.join(missing)}: not set; protected models need a service principal")
    tenant, client_id, secret = (environ[name] for name in ENVIRONMENT)
    if not secret.isprintable():  # surrogates among others, for bytes that are no UTF-8
        raise SczError("AZURE_CLIENT_SECRET: has characters in it that no secret of Azure has")
    host = environ.get("AZURE_AUTHORITY_HOST") or AUTHORITY
    authority = host if "://" in host else f"https://{host}"
    return Azure(tenant, client_id, Key(secret.encode()), authority.rstrip("/"))


def read_secret(exchange: Exchange, azure: Azure, vault: str, name: str) -> Key:
    """`vault` and `name` are a server's word, and looked at as such."""
    if not VAULT.fullmatch(vault) or not SECRET.fullmatch(name):
        raise SczError(f"{vault[:200]!a}, {name[:200]!a}: no names of a key vault and its secret")
    token = _token(exchange, azure)
    url = f"{azure.vault.replace('{vault}', vault)}/secrets/{name}?api-version={API_VERSION}"
    answer = exchange.ask(build("GET", url, token), MOST_ANSWER_BYTES)
    hints: dict[int, str] = {
        HTTPStatus.UNAUTHORIZED: "the vault is not of this tenant, or not of this cloud",
        HTTPStatus.FORBIDDEN: "the service principal may not get secrets there: grant it that",
    }
    return Key(read(checked(answer, hints), Secret).value.encode())


def _token(exchange: Exchange, azure: Azure) -> Key:
    if not azure.authority.startswith("https://"):
        raise SczError(f"AZURE_AUTHORITY_HOST = {azure.authority!r}: an address with https://")
    if not TENANT.fullmatch(azure.tenant):
        raise SczError(f"AZURE_TENANT_ID = {azure.tenant!r}: a tenant is letters, digits, . and -")
    form = {
        "grant_type": "client_credentials",
        "client_id": azure.client_id,
        "client_secret": azure.secret.reveal().decode(),
        "scope": azure.scope,
    }
    url = f"{azure.authority}/{azure.tenant}/oauth2/v2.0/token"
    answer = exchange.ask(build("POST", url, data=form), MOST_ANSWER_BYTES)
    return read_token(checked(answer, dict.fromkeys(REFUSED, _refused(answer))))


def _refused(answer: Answer) -> str:
    code = CODE.search(answer.body)
    told = f" ({code[0].decode()})" if code else ""
    return f"the service principal is refused{told}; check {', '.join(ENVIRONMENT)}"
