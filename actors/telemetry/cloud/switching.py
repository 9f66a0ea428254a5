"""The direct methods that change what is wanted of the running device beside its models."""

from collections.abc import Callable

from actors.config import Config
from actors.settings import Settings, SettingsFile
from actors.telemetry.cloud.answers import CONFLICT, FAULT, Answer, NotDone, accepted, done
from actors.telemetry.cloud.payloads import SetLogLevel
from actors.telemetry.cloud.storage import images_in


def set_log_level(config: Config, settings: SettingsFile, asked: SetLogLevel) -> Answer:
    _written(lambda: settings.change({"log_level": asked.level}))
    if asked.level is None:
        return done(f"the log level is the configuration's: {config.log_level}", level=None)
    return done(f"the log level of all actors is {asked.level}", level=asked.level)


def take_picture(config: Config, settings: SettingsFile) -> Answer:
    """Nobody is pictured while collecting is off, whoever asks."""
    asked = settings.look().collect
    if not (config.collect.enabled if asked is None else asked):
        raise NotDone(
            CONFLICT,
            "no pictures are kept on this device: set [collect] enabled, or the desired property "
            "RetrainingDataCollectionEnabled",
        )
    _written(lambda: settings.step("picture_step"))
    return accepted(
        "a picture of each camera is kept; the method status counts those that are",
        images=len(images_in(config.state)),
    )


def upload_images(config: Config, settings: SettingsFile) -> Answer:
    if config.upload.kind == "off":
        raise NotDone(
            CONFLICT, "pictures are not uploaded from this device: set [upload] kind and its keys"
        )
    _written(lambda: settings.step("upload_step"))
    images = len(images_in(config.state))
    return accepted(
        f"{images} kept pictures go to {config.upload.kind} now; each is deleted here once it has "
        "arrived, and the method status counts those that are left",
        images=images,
    )


def _written(change: Callable[[], Settings]) -> None:
    try:
        change()
    except OSError as error:
        raise NotDone(
            FAULT, f"settings.json cannot be written: {error.strerror}; nothing has changed"
        ) from None
