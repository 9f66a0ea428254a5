"""The direct methods `activateModel` and `rollbackModel`: what an inference entry is to run."""

from actors.clock import moment
from actors.config import Config, Inference
from actors.store.record import objection
from actors.store.slot import can_roll_back
from actors.store.store import Store
from actors.store.trouble import StoreError
from actors.store.wish import wanted
from actors.store.wishes import Wishes
from actors.telemetry.cloud.answers import (
    ABSENT,
    BAD,
    CONFLICT,
    FAULT,
    Answer,
    NotDone,
    accepted,
    done,
)
from actors.telemetry.cloud.payloads import ActivateModel, RollbackModel
from actors.telemetry.cloud.properties import Refused, of_model

WEB = ("https://", "http://")


def activate(config: Config, asked: ActivateModel) -> Answer:
    """A wish, worked off by the actor `models` even if it was wished before."""
    entry = _entry(config, asked.inference)
    wish = {"model": _model(asked), "sha256": _checked("sha256", "sha256", asked.sha256)}
    try:
        after = Wishes(config.state).change(entry.name, wish, again=True)
    except StoreError as error:
        raise NotDone(FAULT, str(error)) from None
    source = wanted(after.wish)
    return accepted(
        f"inference entry {entry.name} is to run {source.shown if source else 'nothing'}; the "
        "method status and the reported properties show what comes of it",
        inference=entry.name,
        step=after.wish.step,
    )


def rollback(config: Config, asked: RollbackModel) -> Answer:
    """One step back, as `retinue model rollback` takes it."""
    entry, store = _entry(config, asked.inference), Store(config.state)
    try:
        before = store.slot(entry.name).slot
        if not can_roll_back(before):
            raise NotDone(
                CONFLICT,
                f"inference entry {entry.name}: there is nothing before what runs to go back to",
            )
        barred = objection(store.version(before.previous)) if before.previous else ""
        if barred:
            raise NotDone(CONFLICT, f"inference entry {entry.name}: {barred}")
        after = store.rollback(entry.name, moment())
        title = store.version(after.active).title if after.active else ""
    except StoreError as error:
        raise NotDone(FAULT, str(error)) from None
    return done(
        f"inference entry {entry.name} goes back to {title or 'what the configuration names'}; "
        "what runs goes on until that is loaded, the method status shows it",
        inference=entry.name,
        version=title,
        digest=after.active,
        generation=after.generation,
    )


def _model(asked: ActivateModel) -> str:
    if bool(asked.model) == bool(asked.url):
        raise NotDone(BAD, "model, url: wants one of them and not both")
    if asked.url and not asked.url.lower().startswith(WEB):
        raise NotDone(BAD, "url: wants an address that begins with https:// or http://")
    key = "url" if asked.url else "model"
    model = _checked(key, "model", asked.url or asked.model)
    if asked.sha256 and not model.lower().startswith(WEB):
        raise NotDone(BAD, "sha256: is of a file from an address; leave it out")
    return model


def _checked(key: str, as_key: str, value: str) -> str:
    """As a wish's property of that name is checked."""
    try:
        return str(of_model(as_key, value))
    except Refused as refused:
        raise NotDone(BAD, f"{key}: {refused}") from None


def _entry(config: Config, name: str) -> Inference:
    """The `[[inference]]` entry that is meant; the only one if none is named."""
    entries = {entry.name: entry for entry in config.inference}
    known = ", ".join(entries)
    if not entries:
        raise NotDone(CONFLICT, "the device's configuration has no [[inference]] entry; add one")
    if not name and len(entries) > 1:
        raise NotDone(BAD, f"inference: is missing, and there are several: name one of {known}")
    if name and name not in entries:
        raise NotDone(
            ABSENT, f"inference = {name[:40]!r}: no such inference entry; there are {known}"
        )
    return entries[name or known]
