"""The line to the cloud on one connection: what it says goes to an `Exchange`, and back.

First it subscribes to everything, then it asks for the twin, so that no change is missed. An
answer to a call of an earlier connection is dropped: nobody waits for it.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from azure.iot.device import MethodRequest, MethodResponse
from azure.iot.device.exceptions import ServiceError
from azure.iot.device.iothub.models import Message
from azure.iot.device.iothub.pipeline import constant

from actors.telemetry.cloud.exchange import Call, Exchange, Note, Reply, Report
from actors.telemetry.sinks.iot_client import Client
from actors.telemetry.sinks.iot_twin import Order
from actors.telemetry.sinks.iot_words import words

log = logging.getLogger(__name__)

# statuses after which a twin begins anew on another connection: too many requests, out of order
LATER = ("429", "500", "502", "503", "504")
Later = Callable[[Callable[..., None]], Callable[..., None]]


class Line:
    """`later` makes of a function what a thread of the library may call. `fault`: it is lost."""

    def __init__(self, client: Client, exchange: Exchange, later: Later, name: str) -> None:
        self._shown, self._pipeline = client.shown, client.pipeline
        self._exchange, self._later, self._name = exchange, later, name
        self.ready, self.fault = False, ""
        self._order = Order()
        self._calls: dict[str, str] = {}  # requests of the hub that wait, by the ids of `Call`s
        features = [constant.TWIN, constant.TWIN_PATCHES, constant.METHODS]
        self._features = [*features, constant.INPUT_MSG] if client.is_module else features
        client.pipeline.on_twin_patch_received = later(self._on_patch)
        client.pipeline.on_method_request_received = later(self._on_call)
        client.pipeline.on_input_message_received = later(self._on_note)

    def open(self, error: Exception | None = None) -> None:
        """The next step, once connected and after each."""
        if error:
            self._lose(error)
        elif self._features:
            feature = self._features.pop(0)
            self._pipeline.enable_feature(feature, callback=self._later(self.open))
        else:
            self._pipeline.get_twin(callback=self._later(self._on_twin))

    def speak(self) -> None:
        """Send what the loop has said."""
        for said in self._exchange.said():
            match said:
                case Report(patch):
                    done = self._later(self._on_reported)
                    self._pipeline.patch_twin_reported_properties(patch, callback=done)
                case Reply(call, status, payload):
                    self._answer(call, status, payload)

    def _answer(self, call: str, status: int, payload: Any) -> None:
        request = self._calls.pop(call, None)
        if request is None:
            log.info("%s: the answer to call %s came too late", self._shown, call)
            return
        response = MethodResponse(request, status, payload)
        self._pipeline.send_method_response(response, callback=self._later(self._lose))

    def _on_twin(
        self, twin: Mapping[str, Any] | None = None, error: Exception | None = None
    ) -> None:
        self._lose(error)
        if twin is not None:
            self.ready = True
            for asked in self._order.twin(twin):
                self._exchange.ask(asked)

    def _on_patch(self, desired: Mapping[str, Any]) -> None:
        for asked in self._order.patch(desired):
            self._exchange.ask(asked)

    def _on_call(self, request: MethodRequest) -> None:
        call = f"{self._name}.{request.request_id}"
        self._calls[call] = request.request_id
        self._exchange.ask(Call(call, request.name, request.payload))

    def _on_note(self, message: Message) -> None:
        self._exchange.ask(Note(message.input_name, message.data))

    def _on_reported(self, error: Exception | None = None) -> None:
        if isinstance(error, ServiceError) and not str(error).endswith(LATER):
            # to begin anew would not make it right
            log.warning("%s: reported properties: %s", self._shown, words(error))
        else:
            self._lose(error)

    def _lose(self, error: Exception | None = None) -> None:
        """The first reason is the cause."""
        if error:
            self.fault = self.fault or words(error)
