import msgspec
import pytest

from actors.models.scz import ModelServer
from actors.models.scz_exchange import SczError
from actors.models.scz_vault import azure_from
from actors.package.sealed.key import Key
from tests.actors.models.scz.rig import (
    BOOT,
    CLIENT,
    CLIENT_SECRET,
    TENANT,
    WHICH,
    Connect,
    ModelService,
    fetched,
    refused,
    sending,
    trusting,
)
from tests.actors.models.web import Authority


def test_a_wrong_principal_is_told_with_entras_code(
    service: ModelService, authority: Authority, discretion: list[str]
) -> None:
    wrong = msgspec.structs.replace(service.azure, secret=Key(b"an0ther s3cr3t"))
    with ModelServer(service.url, wrong, trusting(authority)) as models:
        told = refused(discretion, models.key_text, *WHICH)
    assert told.endswith(
        "answers 401 Unauthorized: the service principal is refused (AADSTS7000215); check "
        "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET"
    )


@pytest.mark.parametrize(
    ("vault", "secret"),
    [
        ("evil.example/", "k"),
        ("evil.example#", "k"),
        ("a@evil.example", "k"),
        ("..", "k"),
        ("", "k"),
        ("contoso-kv", "../../x"),
        ("contoso-kv", ""),
        ("contoso-kv", "k?api-version=1"),
        ("contoso\nkv", "k"),
    ],
)
def test_a_vault_that_is_none_gets_no_token(
    connect: Connect, service: ModelService, discretion: list[str], vault: str, secret: str
) -> None:
    service.plays[BOOT] = sending(200, msgspec.json.encode({"kv": vault, "key": secret}))
    told = refused(discretion, fetched, connect())
    assert told.endswith("no names of a key vault and its secret")
    assert service.paths() == [BOOT]


def test_a_vault_may_be_called_what_it_likes(connect: Connect, service: ModelService) -> None:
    service.plays[BOOT] = sending(200, b'{"kv": "attestation-kv", "key": "bootstrap-key"}')
    with pytest.raises(SczError, match=r"/vaults/attestation-kv/secrets/.*answers 404"):
        connect().key_text(*WHICH)


PRINCIPAL = {
    "AZURE_TENANT_ID": TENANT,
    "AZURE_CLIENT_ID": CLIENT,
    "AZURE_CLIENT_SECRET": CLIENT_SECRET,
}


def test_a_principal_comes_from_the_environment(discretion: list[str]) -> None:
    azure = azure_from(PRINCIPAL)
    assert (azure.tenant, azure.client_id) == (TENANT, CLIENT)
    assert azure.secret.reveal() == CLIENT_SECRET.encode()
    assert azure.authority == "https://login.microsoftonline.com"
    discretion.append(f"{azure} {azure!r}")


@pytest.mark.parametrize(
    "host",
    [
        "login.microsoftonline.us",
        "https://login.microsoftonline.us",
        "https://login.microsoftonline.us/",
    ],
)
def test_an_authority_is_written_as_azures_libraries_take_it(host: str) -> None:
    azure = azure_from(PRINCIPAL | {"AZURE_AUTHORITY_HOST": host})
    assert azure.authority == "https://login.microsoftonline.us"


def test_a_principal_is_whole(discretion: list[str]) -> None:
    told = refused(discretion, azure_from, PRINCIPAL | {"AZURE_CLIENT_SECRET": ""})
    assert told == "AZURE_CLIENT_SECRET: not set; protected models need a service principal"
    assert refused(discretion, azure_from, {}).startswith("AZURE_TENANT_ID, AZURE_CLIENT_ID, AZ")
    odd = PRINCIPAL | {"AZURE_CLIENT_SECRET": "s3cr3t\udcff"}
    assert "has characters in it" in refused(discretion, azure_from, odd)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"authority": "http://login.example"}, "AZURE_AUTHORITY_HOST = 'http://login.example'"),
        ({"tenant": "../x"}, "AZURE_TENANT_ID = '../x'"),
        ({"tenant": ""}, "AZURE_TENANT_ID = ''"),
    ],
)
def test_the_principals_secret_goes_to_no_wrong_place(
    service: ModelService,
    authority: Authority,
    discretion: list[str],
    change: dict[str, str],
    told: str,
) -> None:
    wrong = msgspec.structs.replace(service.azure, **change)
    with ModelServer(service.url, wrong, trusting(authority)) as models:
        assert told in refused(discretion, models.key_text, *WHICH)
    assert service.paths() == [BOOT]
