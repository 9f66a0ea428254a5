"""The direct method `restartStage`, by supervisord."""

import logging
from threading import Event

from actors.config import Config
from actors.store.store import Store
from actors.store.trouble import StoreError
from actors.supervision.restarting import NotYet, Programs, Unknown, plan
from actors.supervision.supervisor import Away, SupervisionError
from actors.supervision.words import NoSuch, posts_of
from actors.telemetry.cloud.answers import (
    ABSENT,
    FAULT,
    LATE,
    UNAVAILABLE,
    Answer,
    NotDone,
    accepted,
    done,
)
from actors.telemetry.cloud.payloads import RestartStage

log = logging.getLogger(__name__)

OWN = "telemetry"
LEAVE_S = 1.0  # for the answer to be sent, before who sends it ends


def restart(config: Config, stopping: Event, asked: RestartStage) -> Answer:
    """An actor, an entry or a whole stage; an entry as a whole without a gap."""
    try:
        if asked.stage == OWN:
            return _own(config, stopping)
        return _restart(config, asked.stage)
    except (NoSuch, Unknown) as error:
        raise NotDone(ABSENT, f"stage: {error}") from None
    except Away:
        raise NotDone(UNAVAILABLE, "supervisord does not answer; nothing was restarted") from None
    except NotYet as error:
        raise NotDone(LATE, str(error)) from None
    except (SupervisionError, StoreError) as error:
        raise NotDone(FAULT, str(error)) from None


def _restart(config: Config, word: str) -> Answer:
    stopped, relieved = plan(config, word)
    programs = Programs(config)
    if stopped:
        programs.restart(stopped)
    for entry in relieved:
        programs.start(posts_of(entry))  # somebody may have stopped one
        Store(config.state).reload(entry.name)
    told = f"restarted: {', '.join(stopped)}" if stopped else ""
    if not relieved:
        return done(told, restarted=stopped, relieved=[])
    names = [f"inference-{entry.name}" for entry in relieved]
    going = (
        f"{', '.join(names)}: what runs goes on until a process beside it has loaded the model and "
        "takes over; the method status shows it under models"
    )
    return accepted("; ".join(filter(None, [told, going])), restarted=stopped, relieved=names)


def _own(config: Config, stopping: Event) -> Answer:
    """This very process: answered first, as nobody else sends the answer."""
    programs = Programs(config)
    programs.look([OWN])

    def then() -> None:
        stopping.wait(LEAVE_S)
        try:
            programs.end(OWN)
        except (Away, SupervisionError) as error:
            log.warning("not restarted: %s", error)

    sentence = "telemetry restarts in a moment; the method status then shows its uptime"
    return accepted(sentence, restarted=[OWN], relieved=[])._replace(then=then)
