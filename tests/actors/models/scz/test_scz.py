"""Against services that speak as Percept's server, Entra and a key vault do."""

import pytest

from actors.models.scz import ModelServer, fetch_model
from actors.models.scz_exchange import SczError
from actors.package.sealed.key import Key, SealedError
from actors.package.sealed.percept import open_percept, seal_percept
from tests.actors.models.conftest import Serve
from tests.actors.models.scz.rig import (
    API,
    BOOT,
    KEY_TEXT,
    LOGIN,
    PLAIN,
    SAS,
    SEALED,
    TENANT,
    WHICH,
    Connect,
    ModelService,
    fetched,
    refused,
    sending,
    trusting,
    unreachable,
)
from tests.actors.models.web import Authority, Web, answer, whole


def test_a_model_and_its_key_text_come(service: ModelService, authority: Authority) -> None:
    azure, network = service.azure, trusting(authority)
    sealed, key_text = fetch_model(service.url, *WHICH, azure, network=network)
    assert (sealed, key_text) == (SEALED, Key(KEY_TEXT))
    assert open_percept(sealed, key_text) == PLAIN
    assert service.paths() == [
        f"{API}/bootstrap",
        f"/entra/{TENANT}/oauth2/v2.0/token",
        "/vaults/contoso-kv/secrets/bootstrap-key",
        f"{API}/login",
        f"{API}/keys/people/1.0",
        f"{API}/models/people/1.0",
    ]


def test_a_server_may_have_a_path_and_a_slash(service: ModelService, authority: Authority) -> None:
    service.plays["/mm/api/v1/bootstrap"] = sending(404)
    with (
        ModelServer(f"{service.url}/mm/", service.azure, trusting(authority)) as models,
        pytest.raises(SczError, match=r"/mm/api/v1/bootstrap: answers 404 Not Found"),
    ):
        models.key_text(*WHICH)


def test_a_model_from_elsewhere_is_asked_for_without_a_token(
    service: ModelService, authority: Authority, web: Web
) -> None:
    elsewhere = web.play("/model.enc.zip", whole(SEALED))
    found = fetch_model(
        service.url, *WHICH, service.azure, url=f"{elsewhere}?{SAS}", network=trusting(authority)
    )
    assert found == (SEALED, Key(KEY_TEXT))
    assert f"{API}/models/people/1.0" not in service.paths()
    assert [request.target for request in web.requests] == [f"/model.enc.zip?{SAS}"]
    assert "authorization" not in web.requests[0].headers


def test_what_is_uploaded_can_be_fetched(connect: Connect, service: ModelService) -> None:
    models = connect()
    models.register("street", "2")
    sealed = seal_percept(b"another", models.key_text("street", "2"), bytes(16))
    models.send_model("street", "2", sealed)
    assert models.model("street", "2") == sealed
    assert service.asked[-2].parts == {"file": ("model", sealed)}
    assert service.logins() == 1


def test_data_goes_up_with_what_is_known_of_it(connect: Connect, service: ModelService) -> None:
    known = {
        "confidence": "71",
        "model_name": "people",
        "model_version": "1.0",
        "file_ref": "71-2023-01-20-10-11-12.jpg",
    }
    connect().send_data(*WHICH, SEALED, "71-2023-01-20-10-11-12.jpg", known)
    asked = service.asked[-1]
    assert (asked.method, asked.path) == ("POST", f"{API}/data/people/1.0")
    texts = {name: ("", value.encode()) for name, value in known.items()}
    assert asked.parts == texts | {"file": ("71-2023-01-20-10-11-12.jpg", SEALED)}


def test_a_token_that_runs_out_is_replaced_once(
    connect: Connect, service: ModelService, discretion: list[str]
) -> None:
    models = connect()
    models.key_text(*WHICH)
    service.spent.add(service.tokens[-1])
    assert models.model(*WHICH) == SEALED
    assert service.logins() == 2
    service.spent.add(service.tokens[-1])
    models.send_data(*WHICH, SEALED, "a.jpg", {"confidence": "50"})
    assert service.logins() == 3
    assert service.asked[-1].parts["file"] == ("a.jpg", SEALED)
    service.plays[f"{API}/models/people/1.0"] = sending(401)
    told = refused(discretion, models.model, *WHICH)
    assert told.endswith("answers 401 Unauthorized: it does not take the token that it gave")
    assert service.logins() == 4


def test_a_fresh_token_that_is_refused_is_not_replaced(
    connect: Connect, service: ModelService, discretion: list[str]
) -> None:
    service.plays[f"{API}/keys/people/1.0"] = sending(401)
    assert "it does not take the token" in refused(discretion, connect().key_text, *WHICH)
    assert service.logins() == 1


@pytest.mark.parametrize(
    ("step", "status", "body"),
    [
        (BOOT, 200, b'{"attestation": "required", "provider": "contoso.attest.azure.net"}'),
        (LOGIN, 200, b'{"ATTESTATION_REPORT": "expected"}'),
        (LOGIN, 401, b'{"msg": "Missing ATTESTATION_REPORT"}'),
        (LOGIN, 500, b"KeyError: 'ATTESTATION_REPORT'"),
    ],
)
def test_a_server_that_wants_attestation_is_told_of(
    connect: Connect,
    service: ModelService,
    discretion: list[str],
    step: str,
    status: int,
    body: bytes,
) -> None:
    service.plays[step] = sending(status, body)
    told_by = refused if status < 500 else unreachable
    assert "wants an attestation report" in told_by(discretion, fetched, connect())


def test_a_model_whose_mac_is_wrong_does_not_open(connect: Connect, service: ModelService) -> None:
    service.models["people/1.0"] = SEALED[:-1] + b"!"
    models = connect()
    with pytest.raises(SealedError, match="MAC does not match"):
        open_percept(models.model(*WHICH), models.key_text(*WHICH))


def test_a_model_that_is_not_there_is_told_of(connect: Connect, discretion: list[str]) -> None:
    told = refused(discretion, connect().model, "people", "9")
    assert told.endswith(
        "/api/v1/models/people/9: answers 404 Not Found: it has no such model and version: "
        "register and upload it"
    )


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a?b", "a b", "a\n", "x" * 128, "é", "%2e"])
def test_a_name_is_a_part_of_a_path(
    connect: Connect, service: ModelService, discretion: list[str], name: str
) -> None:
    models = connect()
    for which in ((name, "1"), ("people", name)):
        told = refused(discretion, models.model, *which)
        assert "name and version are of letters, digits" in told
    assert service.asked == []


@pytest.mark.parametrize(
    "server",
    [
        "",
        "http://mm.example",
        "mm.example",
        "https://",
        "https://user:s3cr3t@mm.example",
        "https://mm.example/?s3cr3t",
        "https://mm.example/#x",
        "https://mm.example\n",
        "ftp://mm.example",
        "https://[::1",
    ],
)
def test_a_server_is_asked_over_tls_or_not_at_all(
    service: ModelService, discretion: list[str], server: str
) -> None:
    told = refused(discretion, ModelServer, server, service.azure)
    assert told.endswith("models is https://HOST, without a user or a query")


def test_redirects_from_elsewhere_are_followed(connect: Connect, web: Web) -> None:
    web.play("/model", whole(SEALED))
    web.play("/relative", answer("301 Moved", location="/model"))
    start = web.play("/a", answer("302 Found", location=web.url(f"/relative?{SAS}", "localhost")))
    assert connect().download(f"{start}?{SAS}") == SEALED
    assert [request.target for request in web.requests] == [
        f"/a?{SAS}",
        f"/relative?{SAS}",
        "/model",
    ]


@pytest.mark.parametrize(
    ("location", "told"),
    [
        (
            "http://127.0.0.1:1/s3cr3t?s3cr3t",
            "redirects to what is no https, which is not followed",
        ),
        ("ftp://127.0.0.1/", "redirects to what is no https, which is not followed"),
        ("/loop?s3cr3t", "more than 5 redirects"),
    ],
)
def test_redirects_have_rules(
    connect: Connect, web: Web, discretion: list[str], location: str, told: str
) -> None:
    url = web.play("/loop", answer("302 Found", location=location))
    assert refused(discretion, connect().download, f"{url}?{SAS}").endswith(told)


def test_a_redirect_to_no_address_is_no_answer(
    connect: Connect, web: Web, discretion: list[str]
) -> None:
    url = web.play("/m", answer("302 Found", location="https://[::1?s3cr3t"))
    told = unreachable(discretion, connect().download, f"{url}?{SAS}")
    assert told.endswith("breaks off its answer, or what comes is not HTTP")


def test_a_model_from_elsewhere_may_come_in_the_clear(connect: Connect, serve: Serve) -> None:
    """It is sealed; only its address is seen on the way."""
    plain = serve(None)
    assert connect().download(plain.play("/model", whole(SEALED))) == SEALED


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "starts with https:// or http://"),
        ("/etc/passwd", "starts with https:// or http://"),
        ("file:///etc/passwd", "starts with https:// or http://"),
        ("https://[::1/?s3cr3t", "no valid address"),
        ("https://a:b/", "no valid address"),
        (f"https://{'a' * 64}.example/?s3cr3t", "no valid address"),
        ("https://127.0.0.1:65536/?s3cr3t", "a port is a number up to 65535"),
    ],
)
def test_a_models_address_is_one(
    connect: Connect, discretion: list[str], url: str, told: str
) -> None:
    assert told in refused(discretion, connect().download, url)


def test_a_token_in_an_address_that_has_run_out_is_told_of(
    connect: Connect, web: Web, discretion: list[str]
) -> None:
    url = web.play("/model", answer("403 s3cr3t", content_length="0"))
    told = refused(discretion, connect().download, f"{url}?{SAS}")
    assert told == f"{url}?***: answers 403 Forbidden: is the token in the address still valid?"
