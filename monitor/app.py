"""The Faust app: one agent on ``case-records``, raw bytes in, a body that never raises (research and DESIGN §9).

Faust gives group membership, assignment and re-delivery, nothing else: the store remembers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faust
from faust.types import EventT

from monitor.journal.protocol import Entry
from monitor.settings import Settings
from monitor.transport import appended_at, resume_at
from monitor.worker import Worker, by_partition


def build_app(settings: Settings, worker: Worker) -> faust.App:
    """An app whose agent feeds this worker; it is started with ``start`` and stopped with ``stop``."""
    app = faust.App(settings.log.group, **_configuration(settings))
    topic = app.topic(worker.topic, key_type=bytes, value_type=bytes, value_serializer="raw", internal=False)
    batch, within = settings.worker.batch, settings.worker.within

    @app.agent(topic, concurrency=1)
    async def follow(stream: Any) -> None:
        async for events in stream.take_events(batch, within=within):
            await worker.apply(by_partition(_entry(event) for event in events))

    @app.on_partitions_revoked.connect
    async def revoked(*_: Any, **__: Any) -> None:
        worker.revoke()

    @app.on_rebalance_complete.connect
    async def assigned(*_: Any, **__: Any) -> None:
        """Faust seeks to what is committed, so what the store has applied is committed first."""
        mine = [place.partition for place in app.consumer.assignment() if place.topic == worker.topic]
        offsets = await worker.assign(mine, app.consumer_generation_id)
        await resume_at(app, {(worker.topic, number): offset for number, offset in offsets.items()})

    return app


def _entry(event: EventT[Any]) -> tuple[int, Entry]:
    message = event.message
    return message.partition, Entry(message.offset, appended_at(message), message.value or b"")


def _configuration(settings: Settings) -> dict[str, Any]:
    broker = settings.broker
    common = {
        "broker": settings.log.url,
        "store": "memory://",
        "datadir": str(Path(settings.home) / "faust"),
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "table_standby_replicas": 0,
        "web_enabled": False,
        "broker_commit_interval": broker.commit_interval,
        "stream_buffer_maxsize": 512,
    }
    if settings.embedded:
        return common
    return {
        **common,
        "broker_session_timeout": broker.session_timeout,
        "broker_heartbeat_interval": broker.heartbeat_interval,
        "broker_rebalance_timeout": broker.rebalance_timeout,
    }
