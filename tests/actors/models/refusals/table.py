"""All bad packages by name: each is refused, and for its own reason."""

from itertools import chain

from tests.actors.models.refusals.archives import ARCHIVES
from tests.actors.models.refusals.damaged import DAMAGED
from tests.actors.models.refusals.folders import FOLDERS
from tests.actors.models.refusals.graphs import GRAPHS
from tests.actors.models.refusals.manifests import MANIFESTS
from tests.actors.models.refusals.percept import PERCEPT
from tests.actors.models.refusals.trust import TRUST

KINDS = {
    "archives": ARCHIVES,
    "folders": FOLDERS,
    "manifests": MANIFESTS,
    "percept": PERCEPT,
    "trust": TRUST,
    "damaged": DAMAGED,
    "graphs": GRAPHS,
}
TABLE = dict(
    chain.from_iterable(
        ((f"{kind}: {name}", bad) for name, bad in table.items()) for kind, table in KINDS.items()
    )
)
