"""The device's desk for its cloud: what comes in is done, and what is true is reported.

Everything here is short, as the loop waits for it; what takes a moment is for the workers of the
direct methods.
"""

import logging
from collections.abc import Callable
from socket import gethostname

from actors.config import Config
from actors.settings import Settings, SettingsFile
from actors.store.wishes import Wishes
from actors.telemetry.cloud.addresses import addresses, versions
from actors.telemetry.cloud.desired import Desired
from actors.telemetry.cloud.exchange import Call, Exchange, Note, Patch, Report, Twin
from actors.telemetry.cloud.methods import Methods
from actors.telemetry.cloud.onvif import INPUT, control
from actors.telemetry.cloud.properties import Refused
from actors.telemetry.cloud.reported import Device, truth
from actors.telemetry.cloud.reporter import Reporter
from actors.telemetry.cloud.seen import Seen
from bus.messages import Health, Model, Post

log = logging.getLogger(__name__)

LOOK_NS = 2_000_000_000  # at what nobody tells: who fell silent, a wish of a command


class Desk:
    """`hear` what is said on the bus, `turn` once something came, `look` as time passes."""

    def __init__(
        self,
        config: Config,
        settings: SettingsFile,
        exchange: Exchange,
        host_name: Callable[[], str] = gethostname,
    ) -> None:
        self._config, self._settings, self._exchange = config, settings, exchange
        self._host_name, self._versions = host_name, versions(config)
        self._seen, self._reporter = Seen(), Reporter()
        entries = [entry.name for entry in config.inference]
        self._desired = Desired(config.state, entries, settings, Wishes(config.state))
        self._methods = Methods(config, settings, self._seen, exchange.say)
        self._reported, self._look_ns = Settings(), 0  # what the last report was made of, and when

    def hear(self, said: Health | Model | Post) -> None:
        if self._seen.hear(said):
            self._look_ns = 0

    def turn(self, now_ns: int) -> None:
        for asked in self._exchange.asked():
            self._look_ns = 0
            match asked:
                case Twin():
                    self._desired.take(asked, now_ns)
                    self._reporter.hub_has(asked.reported)
                case Patch():
                    self._desired.take(asked, now_ns)
                case Call():
                    self._methods.call(asked, now_ns)
                case Note(input=name, body=body) if name == INPUT:
                    self._control(body, now_ns)
                case Note(input=name):
                    log.warning("input %r: nothing is done with its messages", name[:40])

    def look(self, now_ns: int) -> None:
        self._desired.look(now_ns)
        settings = self._settings.look()
        due = settings != self._reported or now_ns - self._look_ns >= LOOK_NS
        if due and self._reporter.is_due(now_ns):
            self._reported = settings
            urls = addresses(self._config, settings, self._host_name())
            device = Device(self._config, settings, urls, self._versions)
            told = truth(device, self._desired.told(), self._seen, now_ns)
            patch = self._reporter.due(now_ns, told)
            if patch:
                self._exchange.say(Report(patch))
            else:
                self._look_ns = now_ns

    def close(self) -> None:
        self._methods.close()

    def _control(self, body: bytes, now_ns: int) -> None:
        try:
            asked = control(body)
            if asked.changes:
                self._settings.change(asked.changes)
        except Refused as refused:
            log.warning("%s", refused)
        except OSError as error:
            log.warning("%s: %s: nothing was changed", INPUT, error.strerror)
        else:
            if asked.snapshot:
                self._methods.keep_snapshot(asked.snapshot, self._not_kept, now_ns)

    @staticmethod
    def _not_kept(why: str) -> None:
        log.warning("%s: snapshot: %s", INPUT, why)
