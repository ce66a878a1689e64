"""Does something to the simulated world behind ALMA's back, for the tests of the dashboard.

`outside.py FILE plant NAME…` makes guests that belong to no stack; `outside.py FILE tamper STACK ADDRESS PATH VALUE`
changes a property of one that does; `outside.py FILE remove STACK ADDRESS` takes it away.
"""

import asyncio
import json
import sys
from pathlib import Path

from alma.core.model.blueprint import Network, Resource, ResourceType, Specs
from alma.core.model.state import StackRef
from alma.core.model.units import Size
from alma.engines.simulation import SimulationEngine, SimulationSettings


async def main(file: str, verb: str, *words: str) -> None:
    """One deed."""
    engine = SimulationEngine(SimulationSettings(path=Path(file), time_scale=0))
    if verb == "plant":
        for name in words:
            lan = Resource(name=f"{name}-lan", type=ResourceType.NETWORK)
            await engine.plant(lan)
            specs, network = Specs(cpu=2, memory=Size("1GiB")), Network(attach=(lan.name,))
            guest = Resource(name=name, type=ResourceType.VM, specs=specs, network=network)
            print(await engine.plant(guest))
    elif verb == "tamper":
        stack, address, path, value = words
        await engine.tamper(_ref(stack), address, properties={path: json.loads(value)})
    elif verb == "remove":
        stack, address = words
        await engine.tamper(_ref(stack), address, remove=True)
    else:
        sys.exit(f"no such deed: {verb}")


def _ref(stack: str) -> StackRef:
    return StackRef(id=stack, name=stack, engine="simulation")


asyncio.run(main(*sys.argv[1:]))
