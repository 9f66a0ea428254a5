"""Azure Percept's packages: `config.json` and `cvexport.manifest`."""

import json
from collections.abc import Callable

from actors.package.admission import Request
from tests.actors.models.refusals.workshop import Bad, Workshop


def told(**said: str) -> Callable[[Workshop], Request]:
    """A good model, with this as its `config.json`."""
    return described("config.json", json.dumps(said).encode())


def described(name: str, data: bytes) -> Callable[[Workshop], Request]:
    def make(shop: Workshop) -> Request:
        folder = shop.model()
        (folder / name).write_bytes(data)
        return shop.request(folder)

    return make


def of_another_kind(shop: Workshop) -> Request:
    """A model that tells age and gender, said to be a detector."""
    folder, name = shop.empty(), "age-gender-recognition-retail-0013"
    for suffix in (".xml", ".bin"):
        (folder / f"{name}{suffix}").write_bytes(shop.real(f"{name}/{name}{suffix}").read_bytes())
    said = {"DomainType": "ssd100", "ModelFileName": f"{name}.xml"}
    (folder / "config.json").write_text(json.dumps(said))
    return shop.request(folder)


def with_a_blob(shop: Workshop) -> Request:
    folder = shop.model()
    (folder / "x.blob").touch()
    said = {"DomainType": "ssd100", "ModelFileName": "x.blob"}
    (folder / "config.json").write_text(json.dumps(said))
    return shop.request(folder)


PERCEPT = {
    "no JSON": Bad(described("config.json", b"{'DomainType'"), "config.json: Expecting property"),
    "a list": Bad(described("config.json", b"[]"), "config.json: Expected `object`, got `array`"),
    "no model named": Bad(told(DomainType="ssd100"), "missing required field `ModelFileName`"),
    "no domain named": Bad(told(ModelFileName="street.xml"), "missing required field `DomainType`"),
    "an unknown domain": Bad(
        told(DomainType="psychic", ModelFileName="street.xml"), "'psychic': not supported"
    ),
    "a domain of the other file": Bad(
        told(DomainType="ObjectDetection", ModelFileName="street.xml"), "belongs into cvexport"
    ),
    "a missing model": Bad(
        told(DomainType="ssd100", ModelFileName="x.xml"), "x.xml: named by config.json, but not"
    ),
    "a model elsewhere": Bad(
        told(DomainType="ssd100", ModelFileName="../x.xml"), "a path has no empty part"
    ),
    "a model for the Myriad": Bad(with_a_blob, "x.blob: a .blob is compiled for the Myriad X"),
    "missing labels": Bad(
        told(DomainType="ssd100", ModelFileName="street.xml", LabelFileName="x.txt"),
        "x.txt: named by config.json, but not there",
    ),
    "two models": Bad(
        told(DomainType="ssd100", ModelFileName="street.xml,street.xml"), "ssd100 has one model"
    ),
    "one model of two": Bad(
        told(DomainType="ocr", ModelFileName="street.xml"), "ocr has 2 model files"
    ),
    "no model of Custom Vision": Bad(
        described("cvexport.manifest", b'{"DomainType": "ObjectDetection"}'),
        "model.xml: named by cvexport.manifest, but not there",
    ),
    "outputs of another kind": Bad(of_another_kind, "do not fit ssd"),
}
